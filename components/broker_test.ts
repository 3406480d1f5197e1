import assert from "node:assert/strict";
import { simulatedEffects } from "../engine/simulation/effects.ts";
import { Broker, FILE_BYTES_MAX, REQUESTS_MAX } from "./broker.ts";
import { type Grants, NO_GRANTS, PermissionError } from "./grants.ts";

/** A broker, what reached the network, and what was refused. */
function brokerOf(
  grants: Partial<Grants> = {},
  {
    secrets = {},
    hosts,
    answer = () => new Response("hello", { headers: { "x-a": "b" } }),
  }: {
    readonly secrets?: Readonly<Record<string, string>>;
    readonly hosts?: Readonly<Record<string, readonly string[]>>;
    readonly answer?: (request: Request) => Response | Promise<Response>;
  } = {},
) {
  const sent: Request[] = [];
  const refused: string[] = [];
  const used: string[] = [];
  const files = new Map([["data/in.txt", "from a file"]]);
  const effects = simulatedEffects({
    ...hosts === undefined ? {} : { hosts },
    fetch: async (input) => {
      const request = input as Request;
      sent.push(request.clone());
      return await answer(request);
    },
  });
  const broker = new Broker({
    component: "code",
    grants: { ...NO_GRANTS, ...grants },
    ...{ secrets, effects },
    files: {
      read: (path) =>
        Promise.resolve(new TextEncoder().encode(files.get(path) ?? "")),
      write: (path, content) => {
        files.set(path, new TextDecoder().decode(content));
        return Promise.resolve();
      },
    },
    service: (name, method, params) => Promise.resolve([name, method, params]),
    onRefused: ({ message }) => void refused.push(message),
    onUsed: (capability, what) => void used.push(`${capability} ${what}`),
  });
  const asking = { signal: new AbortController().signal, idempotencyKey: "k" };
  return {
    ...{ broker, sent, refused, used, files },
    ask: (op: unknown, ...args: unknown[]) => broker.do(op, args, asking),
    fetch: (
      url: string,
      headers: readonly (readonly [string, string])[] = [],
      body: string | null = null,
    ) =>
      broker.do(
        "fetch",
        [url, body === null ? "GET" : "POST", headers, body && btoa(body)],
        asking,
      ) as Promise<{ status: number; headers: unknown; body: string }>,
  };
}

Deno.test("a broker calls a host that is granted, and gives its answer back", async () => {
  const { fetch, sent, used } = brokerOf({ net: ["a.example"] });
  const { status, body } = await fetch("https://a.example/x", [["x-q", "1"]]);
  assert.deepEqual([status, atob(body)], [200, "hello"]);
  assert.equal(sent[0]?.headers.get("x-q"), "1");
  assert.deepEqual(used, ["net a.example"]);
});

Deno.test("a broker refuses a host that is not granted, and nothing goes out", async () => {
  const { fetch, sent, refused } = brokerOf({ net: ["a.example"] });
  await assert.rejects(fetch("https://b.example/"), PermissionError);
  await assert.rejects(fetch("file:///etc/passwd"));
  await assert.rejects(fetch("no url"));
  assert.deepEqual(sent, []);
  assert.match(refused[0] ?? "", /add net: \["b\.example"\]/);
});

Deno.test("a broker checks every redirect like the first call", async () => {
  const { fetch, sent } = brokerOf({ net: ["a.example"] }, {
    answer: () => Response.redirect("https://evil.example/"),
  });
  await assert.rejects(fetch("https://a.example/"), PermissionError);
  assert.deepEqual(sent.map(({ url }) => url), ["https://a.example/"]);
});

Deno.test("a broker reaches a private address only if it is named", async () => {
  const hosts = { "inside.example": ["10.0.0.1"], "db.internal": ["10.0.0.1"] };
  for (const grant of ["*.example", "inside.example"]) {
    const { fetch } = brokerOf({ net: [grant] }, { hosts });
    await assert.rejects(fetch("http://inside.example/"), /not public/);
  }
  const named = brokerOf({ net: ["db.internal", "10.0.0.1"] }, { hosts });
  assert.equal((await named.fetch("http://db.internal/")).status, 200);
  assert.equal((await named.fetch("http://10.0.0.1/")).status, 200);
});

Deno.test("a secret is a placeholder inside, and itself only on its way to a granted host", async () => {
  const { broker, fetch, sent } = brokerOf({ net: ["a.example"] }, {
    secrets: { TOKEN: "t0p-sécret" },
  });
  const { TOKEN = "" } = broker.placeholders;
  assert.match(TOKEN, /^secret-[0-9a-f]{32}$/);
  await assert.rejects(
    fetch("https://b.example/", [["authorization", TOKEN]]),
    PermissionError,
  );
  await fetch(
    "https://a.example/",
    [["x-key", `k ${TOKEN}`]],
    `{"t":"${TOKEN}"}`,
  );
  assert.equal(await sent[0]?.text(), '{"t":"t0p-sécret"}');
  assert.equal(sent.length, 1);
});

Deno.test("a secret does not follow a redirect to another host", async () => {
  const { broker, fetch, sent } = brokerOf(
    { net: ["a.example", "b.example"] },
    {
      secrets: { TOKEN: "hidden" },
      answer: ({ url }) =>
        url.startsWith("https://a.")
          ? Response.redirect("https://b.example/")
          : new Response("end"),
    },
  );
  const { TOKEN = "" } = broker.placeholders;
  await fetch("https://a.example/", [["authorization", TOKEN]]);
  assert.equal(sent[0]?.headers.get("authorization"), "hidden");
  assert.equal(sent[1]?.headers.get("authorization"), null);
});

Deno.test("a broker reads and writes what is granted, and nothing else", async () => {
  const { ask, files } = brokerOf({ read: ["data"], write: ["data"] });
  assert.equal(atob(String(await ask("read", "data/in.txt"))), "from a file");
  await ask("write", "data/out.txt", btoa("new"));
  assert.equal(files.get("data/out.txt"), "new");
  for (const path of ["../x", "database", "data/../x", "/etc/passwd"]) {
    await assert.rejects(ask("read", path), PermissionError);
    await assert.rejects(ask("write", path, ""), PermissionError);
  }
});

Deno.test("a broker takes nothing for granted of what it is asked", async () => {
  const { ask } = brokerOf({ read: ["."], write: ["."], net: ["a.example"] });
  await assert.rejects(ask("eval", "1"), /it is unknown/);
  await assert.rejects(ask(undefined), /it is unknown/);
  await assert.rejects(ask("read", { toString: 1 }), /it is no text/);
  await assert.rejects(ask("write", "a", "%%%"), /it is not base64/);
  await assert.rejects(ask("fetch", 1, 2, 3), /it is no text/);
  await assert.rejects(ask("fetch", "https://a.example/", "GET", [["\n", ""]]));
});

Deno.test("a broker does so many things at a time, and says so", async () => {
  const { fetch } = brokerOf({ net: ["a.example"] }, {
    answer: () => new Promise(() => {}),
  });
  for (let n = 0; n < REQUESTS_MAX; n++) void fetch("https://a.example/");
  await assert.rejects(
    fetch("https://a.example/"),
    /1000 requests under way, the limit is 1000 requests/,
  );
});

Deno.test("a broker shows no secret in what goes wrong", async () => {
  const { broker, fetch } = brokerOf({ net: ["a.example"] }, {
    secrets: { TOKEN: "hidden value", BAD: "hidden\nvalue" },
    answer: () => {
      throw new Error("cannot send hidden value");
    },
  });
  const { TOKEN = "", BAD = "" } = broker.placeholders;
  for (const value of [TOKEN, `${TOKEN}\n`, BAD, `${TOKEN}\u0000`]) {
    await assert.rejects(
      fetch("https://a.example/", [["x-key", value]]),
      (error) => {
        assert.doesNotMatch(Deno.inspect(error), /hidden/);
        return true;
      },
    );
  }
});

Deno.test("a broker writes no more than its limit", async () => {
  const { ask, files } = brokerOf({ write: ["."] });
  const large = btoa("x".repeat(FILE_BYTES_MAX + 1));
  await assert.rejects(ask("write", "a", large), /the limit is 8388608 bytes/);
  assert.equal(files.has("a"), false);
});
