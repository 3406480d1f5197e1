const response = await fetch("/api/notes");
const list = document.querySelector("#notes");
for (const { data } of await response.json()) {
  const item = document.createElement("li");
  item.textContent = data.text;
  list.append(item);
}
