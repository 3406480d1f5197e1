/**
 * What pages load: the built islands and the style sheet.
 *
 * @module
 */
import { Hono } from "hono";
import { compress } from "hono/compress";
import type { Built } from "../islands/build.ts";
import { problem } from "./problem_answer.ts";

/** What pages need of it. */
type Pages = Pick<Built, "assets" | "entries">;

let built: Promise<Pages> | undefined;

/** Built at the first call, once; a binary holds them. @throws {Error} They cannot be built. */
export function islands(): Promise<Pages> {
  return built ??= build();
}

async function build(): Promise<Pages> {
  // Loaded here: an engine whose pages nobody opens does without.
  if (Deno.build.standalone) {
    const { keptIslands } = await import("../islands/kept.ts");
    return await keptIslands();
  }
  const { buildIslands } = await import("../islands/build.ts");
  return await buildIslands();
}

const TYPES: Readonly<Record<string, string>> = {
  js: "text/javascript; charset=utf-8",
  css: "text/css; charset=utf-8",
};

/** Mounted at `/assets`. A name holds a hash, so that it may be kept for ever. */
export function assetRoutes(): Hono {
  const app = new Hono();
  app.use(compress());
  app.get("/:name", async (context) => {
    const name = context.req.param("name");
    const asset = (await islands()).assets.find((one) => one.name === name);
    if (!asset) return problem(404, "not-found", `Nothing is called "${name}"`);
    const type = TYPES[name.split(".").at(-1) ?? ""];
    return new Response(asset.content, {
      headers: {
        "content-type": type ?? "application/octet-stream",
        "cache-control": "public, max-age=31536000, immutable",
      },
    });
  });
  return app;
}
