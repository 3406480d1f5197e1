/**
 * The example of components in the real process, as somebody edits one of them:
 * requests go on all the while, and none fails.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { ROOT, startProcess } from "./_process.ts";

const TOKEN = "a-token-for-this-test";

/** How long a change may take to be seen, in milliseconds. */
const SEEN_MS_MAX = 20_000;

/** A copy of the example that is asked without a pause. */
async function begin() {
  const folder = await Deno.makeTempDir();
  const example = join(ROOT, "examples/components");
  for await (const { name } of Deno.readDir(example)) {
    await Deno.copyFile(join(example, name), join(folder, name));
  }
  const app = await startProcess([
    ...["--config", join(folder, "components.yaml")],
    ...["--data", join(folder, "data"), "--management-address", "127.0.0.1:0"],
  ], {
    env: { COMPONENTS_ADDRESS: "127.0.0.1:0", WORKFLOW_TOKEN: TOKEN },
  });
  const [web = "", management = ""] = app.addresses;
  const file = join(folder, "alert_formatter.ts");
  const text = await Deno.readTextFile(file);
  const asking = new Asking(`${web}/alerts`);
  return {
    ...{ app, asking, text },
    write: (text: string) => Deno.writeTextFile(file, text),
    async info(): Promise<
      { readonly error?: string; readonly status: string }
    > {
      const response = await fetch(
        new URL("api/dynamic/components/alert-formatter", management),
        { headers: { authorization: `Bearer ${TOKEN}` } },
      );
      return await response.json();
    },
    async [Symbol.asyncDispose]() {
      await asking.end();
      await app[Symbol.asyncDispose]();
      await Deno.remove(folder, { recursive: true });
    },
  };
}

/** Four who ask again as soon as they are answered. */
class Asking {
  readonly #answered = new Set<() => void>();
  readonly #all: Promise<unknown>;
  #isOver = false;
  count = 0;
  last = "";
  readonly failures: unknown[] = [];

  constructor(url: string) {
    this.#all = Promise.all(Array.from({ length: 4 }, () => this.#ask(url)));
  }

  /** Resolves with the first answer that matches. */
  async until(pattern: RegExp): Promise<string> {
    const endMs = performance.now() + SEEN_MS_MAX;
    while (!pattern.test(this.last)) {
      assert.ok(performance.now() < endMs, `it still answers ${this.last}`);
      await this.next();
    }
    return this.last;
  }

  next(): Promise<void> {
    return new Promise((resolve) => this.#answered.add(resolve));
  }

  async end(): Promise<void> {
    this.#isOver = true;
    await this.#all;
  }

  async #ask(url: string): Promise<void> {
    const body = JSON.stringify({ severity: "high", message: "No parcels" });
    const headers = { "content-type": "application/json" };
    while (!this.#isOver) {
      const response = await fetch(url, { method: "POST", body, headers })
        .catch((error) => error as Error);
      if (response instanceof Error || !response.ok) {
        this.failures.push(response);
      } else {
        this.last = (await response.json()).text;
        this.count++;
      }
      for (const resolve of this.#answered) resolve();
      this.#answered.clear();
    }
  }
}

Deno.test("a component of the example is edited while it is asked: the new text answers, a broken one does not, and no request fails", async () => {
  await using it = await begin();
  await it.asking.until(/^\[HIGH\] No parcels/);

  await it.write(it.text.replace("`[${", "`ALERT <${").replace("}] ", "}> "));
  await it.asking.until(/^ALERT <HIGH> No parcels/);

  await it.write(`${it.text}\nexport const contract = ;`);
  await it.app.printed(/The change of "\.\/alert_formatter\.ts" is not taken/);
  const broken = await it.info();
  assert.match(broken.error ?? "", /alert_formatter\.ts":\d+:\d+: Expression/);
  assert.equal(broken.status, "running");
  const before = it.asking.count;
  while (it.asking.count < before + 100) await it.asking.next();
  assert.match(it.asking.last, /^ALERT <HIGH> No parcels/);

  await it.write(it.text);
  await it.asking.until(/^\[HIGH\] No parcels/);
  assert.equal((await it.info()).error ?? null, null);
  assert.deepEqual(it.asking.failures, []);
});
