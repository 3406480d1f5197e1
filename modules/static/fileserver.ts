/**
 * Serves the files of a folder: web pages, their scripts, downloads. It never
 * lists a folder, never leaves it, and never shows hidden files.
 *
 * @module
 */
import { resolve } from "node:path";
import { z } from "zod";
import { defineModule, path, ref } from "@engine/define.ts";
import { HttpHandler } from "@engine/services/http_handler.ts";
import { HttpRouter } from "@engine/services/http_router.ts";
import { FileServer } from "./_file_server.ts";

const DEFAULT_MAX_AGE_SECONDS = 3_600;

const config = z.strictObject({
  root: path().describe("The folder whose files are served"),
  prefix: z.string()
    .regex(
      /^\/(?:[^{}?#\s]*)$/,
      "Expected a path that begins with /, without parameters",
    )
    .default("/")
    .describe("The path below which they are served"),
  spaFallback: z.boolean()
    .default(true)
    .describe(
      "Whether index.html answers for files that do not exist, as applications with routes of their own need; below /api/ only for those who ask for a page",
    ),
  cacheMaxAge: z.number()
    .default(DEFAULT_MAX_AGE_SECONDS)
    .meta({ unit: "s" })
    .describe(
      "For how many seconds browsers keep a file; 0 and less mean the default",
    ),
  router: ref(HttpRouter).optional().describe(
    "Where the folder is mounted; it gives way to routes that the document states",
  ),
});

export default defineModule({
  type: "static.fileserver",
  summary: "Serves the files of a folder",
  stability: "stable",
  config,
  provides: [HttpHandler],
  examples: [{
    title: "Files below /files/",
    modules: [
      { name: "server", type: "http.server", config: { address: ":0" } },
      { name: "router", type: "http.router" },
      {
        name: "files",
        type: "static.fileserver",
        config: { root: ".", prefix: "/files/", spaFallback: false },
      },
    ],
    workflows: { http: { routes: [] } },
    exchanges: [{
      request: { method: "GET", path: "/files/no-such-file.txt" },
      response: {
        status: 404,
        headers: {
          "X-Content-Type-Options": "nosniff",
          "Cache-Control": "public, max-age=3600",
        },
      },
    }, {
      request: { method: "GET", path: "/files/%252e%252e/secrets" },
      response: { status: 403 },
    }],
  }],
  create({ root, prefix, spaFallback, cacheMaxAge, router }, host) {
    const mounted = prefix.endsWith("/") ? prefix : `${prefix}/`;
    const seconds = cacheMaxAge > 0 ? cacheMaxAge : DEFAULT_MAX_AGE_SECONDS;
    const files = new FileServer({
      root: resolve(host.folder ?? "", root),
      prefix: mounted,
      hasFallback: spaFallback,
      maxAgeSeconds: Math.floor(seconds),
    });
    return {
      start: () => files.start(),
      wire() {
        if (router === undefined) return () => {};
        return host.use(router).mount([{
          method: "GET",
          pattern: `${mounted}{path...}`,
          handler: files,
          middlewares: [],
          implied: true,
        }]);
      },
      handle: (context) => files.handle(context),
    };
  },
});
