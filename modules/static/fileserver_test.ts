import assert from "node:assert/strict";
import { join } from "node:path";
import { HttpContext, HttpHandler } from "@engine/services/http_handler.ts";
import { startApplication } from "@engine/testing.ts";
import http from "../../workflows/types/http.ts";
import handler from "../http/handler.ts";
import router from "../http/router.ts";
import server from "../http/server.ts";
import { AT_ONCE_BYTES_MAX } from "./_file_body.ts";
import fileserver from "./fileserver.ts";

/** A folder with a site in it and a neighbour whose name begins alike. */
async function withSite(
  test: (folder: string) => Promise<void>,
): Promise<void> {
  const folder = await Deno.realPath(await Deno.makeTempDir());
  try {
    await Deno.mkdir(join(folder, "site/docs/empty"), { recursive: true });
    await Deno.mkdir(join(folder, "site/.git"));
    await Deno.mkdir(join(folder, "site-secrets"));
    const files = {
      "site/index.html": "<h1>Home</h1>",
      "site/app.js": "run()",
      "site/data": "0123456789",
      "site/docs/index.html": "<h1>Docs</h1>",
      "site/.env": "SECRET=1",
      "site/.git/config": "[core]",
      "site-secrets/key.txt": "secret",
      "outside.txt": "secret",
    };
    for (const [name, text] of Object.entries(files)) {
      await Deno.writeTextFile(join(folder, name), text);
    }
    await test(`${folder}/`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function start(folder: string, config: Record<string, unknown> = {}) {
  return startApplication({
    document: {
      modules: [{
        name: "files",
        type: "static.fileserver",
        config: { root: "./site", ...config },
      }],
    },
    definitions: [fileserver],
    folder,
  });
}

/** Asks for a path exactly as it is written; `Request` would tidy it up. */
async function ask(
  files: HttpHandler,
  rawPath: string,
  init: RequestInit = {},
): Promise<Response> {
  const request = new Request("http://localhost/", init);
  Object.defineProperty(request, "url", {
    value: `http://localhost${rawPath}`,
  });
  return await files.handle(new HttpContext(request));
}

Deno.test("static.fileserver serves a file with its type, age and validators", () =>
  withSite(async (folder) => {
    await using app = await start(folder);
    const response = await ask(app.service(HttpHandler), "/app.js");
    assert.equal(response.status, 200);
    assert.equal(await response.text(), "run()");
    const { headers } = response;
    assert.equal(headers.get("content-type"), "text/javascript; charset=utf-8");
    assert.equal(headers.get("content-length"), "5");
    assert.equal(headers.get("cache-control"), "public, max-age=3600");
    assert.equal(headers.get("x-content-type-options"), "nosniff");
    assert.equal(headers.get("accept-ranges"), "bytes");
    assert.match(headers.get("etag") ?? "", /^"5-[0-9a-f]+"$/);
    assert.ok(Date.parse(headers.get("last-modified") ?? "") > 0);
  }));

Deno.test("static.fileserver answers HEAD with headers alone", () =>
  withSite(async (folder) => {
    await using app = await start(folder);
    const files = app.service(HttpHandler);
    const response = await ask(files, "/app.js", { method: "HEAD" });
    assert.equal(response.status, 200);
    assert.equal(response.headers.get("content-length"), "5");
    assert.equal(response.body, null);
  }));

Deno.test("static.fileserver takes other methods as refused", () =>
  withSite(async (folder) => {
    await using app = await start(folder);
    const files = app.service(HttpHandler);
    const response = await ask(files, "/app.js", { method: "POST" });
    assert.equal(response.status, 405);
    assert.equal(response.headers.get("allow"), "GET, HEAD");
  }));

Deno.test("static.fileserver answers 304 for what the client has", () =>
  withSite(async (folder) => {
    await using app = await start(folder);
    const files = app.service(HttpHandler);
    const { headers } = await ask(files, "/app.js", { method: "HEAD" });
    const conditions = {
      "if-none-match": headers.get("etag") ?? "",
      "if-modified-since": headers.get("last-modified") ?? "",
    };
    for (const [name, value] of Object.entries(conditions)) {
      const again = await ask(files, "/app.js", { headers: { [name]: value } });
      assert.equal(again.status, 304, name);
      assert.equal(again.body, null);
      assert.equal(again.headers.get("etag"), headers.get("etag"));
    }
    await Deno.writeTextFile(join(folder, "site/app.js"), "changed()");
    const changed = await ask(files, "/app.js", {
      headers: { "if-none-match": conditions["if-none-match"] },
    });
    assert.equal(changed.status, 200);
    assert.equal(await changed.text(), "changed()");
  }));

Deno.test("static.fileserver serves parts of a file", () =>
  withSite(async (folder) => {
    await using app = await start(folder);
    const files = app.service(HttpHandler);
    const part = await ask(files, "/data", { headers: { range: "bytes=2-4" } });
    assert.equal(part.status, 206);
    assert.equal(await part.text(), "234");
    assert.equal(part.headers.get("content-range"), "bytes 2-4/10");
    assert.equal(part.headers.get("content-length"), "3");
    const beyond = await ask(files, "/data", {
      headers: { range: "bytes=10-" },
    });
    assert.equal(beyond.status, 416);
    assert.equal(beyond.headers.get("content-range"), "bytes */10");
    const stale = await ask(files, "/data", {
      headers: { range: "bytes=2-4", "if-range": '"old"' },
    });
    assert.equal(stale.status, 200);
    assert.equal(await stale.text(), "0123456789");
  }));

Deno.test("static.fileserver streams long files, whole and in part", () =>
  withSite(async (folder) => {
    const bytes = new Uint8Array(3 * AT_ONCE_BYTES_MAX + 7)
      .map((_, index) => index % 251);
    await Deno.writeFile(join(folder, "site/long.bin"), bytes);
    await using app = await start(folder);
    const files = app.service(HttpHandler);
    const whole = await ask(files, "/long.bin");
    assert.deepEqual(await whole.bytes(), bytes);
    const part = await ask(files, "/long.bin", {
      headers: { range: `bytes=5-${2 * AT_ONCE_BYTES_MAX}` },
    });
    assert.deepEqual(
      await part.bytes(),
      bytes.slice(5, 2 * AT_ONCE_BYTES_MAX + 1),
    );
    // A client that leaves half way must leave no open file behind.
    await (await ask(files, "/long.bin")).body?.cancel();
  }));

Deno.test("static.fileserver serves an empty file", () =>
  withSite(async (folder) => {
    await Deno.writeTextFile(join(folder, "site/empty.css"), "");
    await using app = await start(folder);
    const response = await ask(app.service(HttpHandler), "/empty.css");
    assert.equal(response.status, 200);
    assert.equal(await response.text(), "");
  }));

Deno.test("static.fileserver serves the index of a folder, and never a list", () =>
  withSite(async (folder) => {
    await using app = await start(folder, { spaFallback: false });
    const files = app.service(HttpHandler);
    assert.match(await (await ask(files, "/")).text(), /Home/);
    assert.match(await (await ask(files, "/docs/")).text(), /Docs/);
    assert.equal((await ask(files, "/docs/empty/")).status, 404);
  }));

Deno.test("static.fileserver redirects to the one address of a page", () =>
  withSite(async (folder) => {
    await using app = await start(folder);
    const files = app.service(HttpHandler);
    const cases = [
      ["/docs?x=1&y=2", "./docs/?x=1&y=2"],
      ["//docs", "./docs/"],
      ["/docs/index.html", "./"],
      ["/index.html?x=1", "./?x=1"],
    ] as const;
    for (const [path, location] of cases) {
      const response = await ask(files, path);
      assert.equal(response.status, 301, path);
      assert.equal(response.headers.get("location"), location);
    }
  }));

Deno.test("static.fileserver answers for what does not exist with the home page", () =>
  withSite(async (folder) => {
    await using app = await start(folder);
    const files = app.service(HttpHandler);
    const page = { headers: { accept: "text/html,*/*" } };
    for (const path of ["/orders/7", "/app.js/", "/docs/missing", "/api"]) {
      const response = await ask(files, path);
      assert.equal(response.status, 200, path);
      assert.match(await response.text(), /Home/);
      assert.match(response.headers.get("content-type") ?? "", /^text\/html/);
    }
    const call = await ask(files, "/api/orders");
    assert.equal(call.status, 404);
    assert.equal(call.headers.get("cache-control"), "no-store");
    assert.equal((await ask(files, "/api/orders", page)).status, 200);
  }));

Deno.test("static.fileserver answers 404 without a home page or fallback", () =>
  withSite(async (folder) => {
    await using app = await start(folder, { spaFallback: false });
    const missing = await ask(app.service(HttpHandler), "/missing");
    assert.equal(missing.status, 404);
    assert.equal(missing.headers.get("cache-control"), "public, max-age=3600");
    assert.equal(missing.headers.get("x-content-type-options"), "nosniff");
    await Deno.remove(join(folder, "site/index.html"));
    await using bare = await start(folder);
    assert.equal((await ask(bare.service(HttpHandler), "/x")).status, 404);
  }));

Deno.test("static.fileserver never leaves its folder", () =>
  withSite(async (folder) => {
    await using app = await start(folder);
    const files = app.service(HttpHandler);
    const ways = [
      "/../outside.txt",
      "/../site-secrets/key.txt",
      "/docs/../../outside.txt",
      "/%2e%2e/outside.txt",
      "/..%2foutside.txt",
      "/%252e%252e/outside.txt",
      "/..%5coutside.txt",
      "/..\\outside.txt",
      "/%00/../outside.txt",
      "/app.js%00.html",
      "/%ff",
      `/${folder}outside.txt`.replace("//", "/"),
    ];
    for (const way of ways) {
      const response = await ask(files, way);
      assert.doesNotMatch(await response.text(), /secret/, way);
    }
    for (const way of ["/../outside.txt", "/%252e%252e/x", "/..\\x"]) {
      assert.equal((await ask(files, way)).status, 403, way);
    }
    for (const way of ["/%00", "/%zz"]) {
      assert.equal((await ask(files, way)).status, 400, way);
    }
  }));

Deno.test("static.fileserver follows links inside its folder, and none that lead out", () =>
  withSite(async (folder) => {
    const link = (target: string, name: string) =>
      Deno.symlink(join(folder, target), join(folder, "site", name));
    await link("site/app.js", "inside.js");
    await link("outside.txt", "out.txt");
    await link("site-secrets", "out");
    await link("site/round", "round");
    await using app = await start(folder);
    const files = app.service(HttpHandler);
    assert.equal(await (await ask(files, "/inside.js")).text(), "run()");
    for (const path of ["/out.txt", "/out/key.txt", "/out/", "/out"]) {
      assert.equal((await ask(files, path)).status, 403, path);
    }
    assert.match(await (await ask(files, "/round")).text(), /Home/);
  }));

Deno.test("static.fileserver does not show hidden files", () =>
  withSite(async (folder) => {
    await Deno.mkdir(join(folder, "site/.well-known"));
    await Deno.writeTextFile(join(folder, "site/.well-known/a.txt"), "public");
    await using app = await start(folder, { spaFallback: false });
    const files = app.service(HttpHandler);
    await Deno.symlink(".env", join(folder, "site/env"));
    await Deno.symlink(".git", join(folder, "site/git"));
    const hidden = ["/.env", "/.git/config", "/.git/", "/env", "/git/config"];
    for (const path of hidden) {
      assert.equal((await ask(files, path)).status, 404, path);
    }
    const wellKnown = await ask(files, "/.well-known/a.txt");
    assert.equal(await wellKnown.text(), "public");
  }));

Deno.test("static.fileserver serves below its prefix only", () =>
  withSite(async (folder) => {
    for (const prefix of ["/app", "/app/"]) {
      await using app = await start(folder, { prefix, spaFallback: false });
      const files = app.service(HttpHandler);
      assert.equal(await (await ask(files, "/app/app.js")).text(), "run()");
      assert.equal((await ask(files, "/app.js")).status, 404);
      assert.equal((await ask(files, "/application/app.js")).status, 404);
      const redirect = await ask(files, "/app");
      assert.equal(redirect.headers.get("location"), "./app/");
    }
  }));

Deno.test("static.fileserver shows the home page where a route leads to it from elsewhere", () =>
  withSite(async (folder) => {
    await using app = await start(folder, { prefix: "/spa/" });
    const files = app.service(HttpHandler);
    for (const path of ["/", "/orders/7", "/app.js"]) {
      assert.equal(
        await (await ask(files, path)).text(),
        "<h1>Home</h1>",
        path,
      );
    }
    assert.equal((await ask(files, "/api/orders")).status, 404);
  }));

Deno.test("static.fileserver takes the age from the config, and 0 as the default", () =>
  withSite(async (folder) => {
    for (const [given, expected] of [[60, 60], [0, 3600], [-1, 3600]]) {
      await using app = await start(folder, { cacheMaxAge: given });
      const { headers } = await ask(app.service(HttpHandler), "/app.js", {
        method: "HEAD",
      });
      assert.equal(headers.get("cache-control"), `public, max-age=${expected}`);
    }
  }));

Deno.test("static.fileserver mounts itself behind the routes of the document", () =>
  withSite(async (folder) => {
    await using app = await startApplication({
      document: {
        modules: [
          { name: "server", type: "http.server", config: { address: ":0" } },
          { name: "router", type: "http.router" },
          { name: "orders", type: "http.handler" },
          {
            name: "files",
            type: "static.fileserver",
            config: { root: "./site" },
          },
        ],
        workflows: {
          http: {
            routes: [{ method: "GET", path: "/api/orders", handler: "orders" }],
          },
        },
      },
      definitions: [server, router, handler, fileserver, http],
      folder,
    });
    const orders = await app.request("GET", "/api/orders");
    assert.match(await orders.text(), /"handler":"orders"/);
    const page = await app.request("GET", "/orders/7");
    assert.match(await page.text(), /Home/);
    const head = await app.request("HEAD", "/app.js");
    assert.equal(head.status, 200);
    assert.equal((await app.request("POST", "/app.js")).status, 405);
  }));

Deno.test("static.fileserver does not start without its folder", () =>
  withSite(async (folder) => {
    await assert.rejects(
      start(folder, { root: "./missing" }),
      /Cannot start static.fileserver: the folder ".*missing" cannot be read/,
    );
    await assert.rejects(
      start(folder, { root: "./outside.txt" }),
      /Cannot start static.fileserver: ".*outside.txt" is not a folder/,
    );
    await assert.rejects(start(folder, { root: "" }));
    await assert.rejects(start(folder, { prefix: "app" }));
    await assert.rejects(start(folder, { prefix: "/{x}/" }));
  }));
