/**
 * `wfctl permissions` and the API of components as an operator uses them: against
 * a process of its own.
 */
import assert from "node:assert/strict";
import { runProcess, startProcess } from "../tests/_process.ts";
import { unusedOf } from "./permissions.ts";

const DOCUMENT = (net: string) =>
  `modules:
  - name: price
    type: dynamic.component
    config:
      source: price.ts
      permissions: { net: [${net}], read: [data] }
      secrets: { KEY: "\${KEY:-k}" }
  - name: other
    type: dynamic.component
    config: { source: other.ts, isolation: process, maxExecutionTime: 500ms }
`;

const PRICE = `export const contract = { requiredInputs: { what: "string" } };
export async function execute({ what }, ctx) {
  if (what === "fetch") await ctx.fetch("https://other.example/");
  if (what === "read") return (await ctx.read("data/a.txt")).length;
  if (what === "large") return "x".repeat(2_000_000);
  if (what === "throw") throw new Error("no luck");
  return ctx.idempotencyKey;
}`;

const OTHER = `export function execute({ spin }) {
  while (spin);
  return "over";
}`;

const TOKEN = "a-token-for-this-test";

async function begin() {
  const folder = await Deno.makeTempDir();
  const write = (name: string, text: string) =>
    Deno.writeTextFile(`${folder}/${name}`, text);
  await Deno.mkdir(`${folder}/data`);
  await write("data/a.txt", "abc");
  await write("shop.yaml", DOCUMENT("a.example"));
  await write("next.yaml", DOCUMENT("a.example, b.example"));
  await write("price.ts", PRICE);
  await write("other.ts", OTHER);
  const process = await startProcess([
    ...["--config", `${folder}/shop.yaml`, "--data", `${folder}/data`],
    ...["--management-address", "127.0.0.1:0"],
  ], { env: { WORKFLOW_TOKEN: TOKEN } });
  const [url = ""] = process.addresses;
  return {
    folder,
    async ask(path: string, body?: unknown) {
      const response = await fetch(
        new URL(`api/dynamic/components${path}`, url),
        {
          method: body === undefined ? "GET" : "POST",
          headers: { authorization: `Bearer ${TOKEN}` },
          ...body === undefined ? {} : { body: JSON.stringify(body) },
        },
      );
      return [response.status, await response.json()] as const;
    },
    wfctl: (...args: readonly string[]) =>
      runProcess(
        ["run", "-P=start", "cli/wfctl.ts", ...args, "--url", url],
        { env: { WORKFLOW_TOKEN: TOKEN } },
      ),
    async [Symbol.asyncDispose]() {
      await process.end("SIGTERM");
      await Deno.remove(folder, { recursive: true });
    },
  };
}

Deno.test("components are shown, called and judged over the API, without their source", async () => {
  await using it = await begin();
  const [status, all] = await it.ask("");
  assert.equal(status, 200);
  assert.deepEqual(
    all.map((
      row: Record<string, unknown>,
    ) => [row.id, row.status, row.isolation]),
    [["price", "running", "shared"], ["other", "running", "process"]],
  );
  assert.doesNotMatch(JSON.stringify(all), /execute|https:/);
  const [, manifest] = await it.ask("/price/manifest");
  assert.deepEqual(manifest.permissions, {
    ...{ net: ["a.example"], read: ["data"], write: [], env: [] },
  });
  assert.deepEqual(manifest.secrets, ["KEY"]);
  assert.match(manifest.hash, /^[0-9a-f]{64}$/);
  const call = async (id: string, body: unknown) => {
    const [status, answer] = await it.ask(`/${id}/execute`, body);
    return [status, answer.code ?? answer.result];
  };
  const key = { idempotencyKey: "k1" };
  assert.deepEqual(await call("price", { params: { what: "key" }, ...key }), [
    200,
    "k1",
  ]);
  for (
    const [id, params, expected] of [
      ["price", { what: "read" }, [200, 3]],
      ["price", { what: "fetch" }, [403, "denied"]],
      ["price", {}, [422, "contract"]],
      ["price", { what: "throw" }, [422, "failed"]],
      ["price", { what: "large" }, [413, "output-too-large"]],
      ["other", { spin: true }, [504, "timeout"]],
      ["nobody", {}, [404, "not-found"]],
    ] as const
  ) {
    assert.deepEqual(
      await call(id, { params }),
      expected,
      JSON.stringify(params),
    );
  }
  assert.deepEqual(await call("price", { nonsense: 1 }), [
    400,
    "invalid-parameter",
  ]);
  const [, counts] = await it.ask("/price/metrics");
  assert.equal(counts.calls, 6);
  assert.deepEqual(counts.refused, { net: { "other.example": 1 } });
});

Deno.test("wfctl permissions lists, suggests and compares", async () => {
  await using it = await begin();
  const list = await it.wfctl("permissions", "list");
  assert.match(list.stdout, /price +shared +a\.example +data +- +- +KEY/);
  await it.ask("/price/execute", { params: { what: "fetch" } });
  const suggest = await it.wfctl("permissions", "suggest");
  assert.match(suggest.stdout, /to grant: +net: "other\.example" \(1 times/);
  assert.match(suggest.stdout, /not used: +net: \["a\.example"\]/);
  assert.match(suggest.stdout, /not used: +read: \["data"\]/);
  const same = await it.wfctl("permissions", "diff", `${it.folder}/shop.yaml`);
  assert.deepEqual([same.code, same.stdout], [
    0,
    "It grants what is granted now\n",
  ]);
  // The id of a document is the name of its file.
  await Deno.rename(`${it.folder}/next.yaml`, `${it.folder}/shop.yaml`);
  const diff = await it.wfctl("permissions", "diff", `${it.folder}/shop.yaml`);
  assert.deepEqual([diff.code, diff.stdout], [1, "+ price  net: b.example\n"]);
});

Deno.test("a grant counts as used by what it covers", () => {
  assert.deepEqual(
    unusedOf({
      net: ["a.example", "*.b.example", "c.example:8443", "d.example"],
      read: ["data", "other"],
      env: ["REGION"],
    }, {
      net: { "a.example": 1, "x.b.example": 2, "c.example:8443": 1 },
      read: { "data/a.txt": 1 },
    }),
    { net: ["d.example"], read: ["other"] },
  );
});
