// Makes a context of its own for a call that does not exist and asks for
// things with it.
// deno-lint-ignore-file
// @ts-nocheck

export async function execute({ file, url }, ctx) {
  const Context = ctx.constructor;
  const got = [];
  for (const id of [0, -1, 1, 2, 3, "constructor", null, { toString: null }]) {
    const fake = new Context({
      id,
      key: "k",
      now: 0,
      deadline: null,
      since: 0,
    });
    got.push(await fake.read(file).catch(() => null));
    got.push(await fake.fetch(url).catch(() => null));
  }
  const found = got.filter((it) => it !== null);
  return { got: found.length > 0 ? found.map(String) : null };
}
