/**
 * Every document that there is, opened in the builder: a card is moved, a field is
 * changed, and in the text nothing differs but that line.
 */
import assert from "node:assert/strict";
import { parse as parseYaml } from "yaml";
import { browserTest, type Scene, stageOfFile } from "./_browser.ts";

const ROOT = new URL("../../", import.meta.url);

const SHOP = `modules: [{ name: router, type: http.router }]\n`;

/** A field that has a value: where it is, and what it says. */
interface Spot {
  readonly module: string;
  readonly value: string;
}

interface Module {
  readonly name?: unknown;
  readonly config?: Readonly<Record<string, unknown>>;
}

/** The texts of a folder's documents, by a name that no other has. */
function documentsIn(folder: string, prefix: string): [string, string][] {
  return [...Deno.readDirSync(new URL(folder, ROOT))]
    .filter(({ name }) => name.endsWith(".yaml"))
    .map(({ name }) => [
      `${prefix}-${name}`,
      Deno.readTextFileSync(new URL(`${folder}${name}`, ROOT)),
    ]);
}

const documents = [
  ...documentsIn("tests/compat/", "compat"),
  ...documentsIn("examples/", "example"),
  ...documentsIn("examples/orders/", "orders"),
  ...documentsIn("examples/order-pipeline/", "pipeline"),
  ...documentsIn("examples/components/", "components"),
].flatMap(([file, text]) => {
  const spot = spotIn(text);
  return spot === undefined ? [] : [{ file, text, spot }];
});

/** The first text of a config that says nothing else says in its module. */
function spotIn(text: string): Spot | undefined {
  const { modules } = (parseYaml(text, { merge: true }) ?? {}) as {
    readonly modules?: readonly Module[];
  };
  for (const { name, config } of modules ?? []) {
    const values = Object.values(config ?? {});
    const value = values.find((each) =>
      typeof each === "string" && !each.includes("\n") && each.length > 2 &&
      values.filter((other) => other === each).length === 1
    );
    if (typeof name === "string" && typeof value === "string") {
      return { module: name, value };
    }
  }
  return undefined;
}

const stage = await stageOfFile(
  SHOP,
  Object.fromEntries(documents.map(({ file, text }) => [file, text])),
);

Deno.test("there are enough documents to say something about all", () => {
  assert.ok(documents.length >= 25, String(documents.length));
});

for (const { file, text, spot } of documents) {
  browserTest(
    `in ${file} nothing changes but the line of the field`,
    stage,
    async (scene) => {
      const after = await edited(scene, file, spot);
      const [before, now] = [text.split("\n"), after.split("\n")];
      assert.equal(now.length, before.length);
      const changed = now.filter((line, index) => line !== before[index]);
      assert.equal(changed.length, 1, changed.join("\n"));
      assert.match(changed[0] ?? "", /changed-by-hand/);
    },
  );
}

/** The text after a card was moved and a field was changed. */
async function edited(
  { page }: Scene,
  file: string,
  { module, value }: Spot,
): Promise<string> {
  const id = file.replace(/\.yaml$/, "");
  await page.goto(`/d/${id}?node=${encodeURIComponent(module)}`);
  const card = page.locator(
    `.react-flow__node[data-id=${JSON.stringify(module)}]`,
  );
  await card.waitFor();
  const box = await card.boundingBox();
  assert.ok(box);
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  await page.mouse.down();
  await page.mouse.move(
    box.x + box.width / 2 + 40,
    box.y + box.height / 2 + 30,
    {
      steps: 5,
    },
  );
  await page.mouse.up();
  const fields = page.locator(".inspector :is(input, textarea).field");
  await fields.first().waitFor();
  const index = await fields.evaluateAll(
    (all, wanted) =>
      all.findIndex((one) =>
        (one as HTMLInputElement).value === wanted &&
        !one.closest(".row")?.textContent?.startsWith("Name")
      ),
    value,
  );
  assert.ok(index >= 0, `${module} shows no field with ${value}`);
  await fields.nth(index).fill(`${value}-changed-by-hand`);
  const key = `draft ${id}`;
  await page.waitForFunction(
    (key) => (sessionStorage.getItem(key) ?? "").includes("changed-by-hand"),
    key,
  );
  const draft = await page.evaluate((key) => sessionStorage.getItem(key), key);
  return draft ?? "";
}
