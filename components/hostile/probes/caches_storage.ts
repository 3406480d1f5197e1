// Keeps something in the cache, where another component finds it.
// deno-lint-ignore-file
// @ts-nocheck

export async function execute({ granted }) {
  const cache = await caches.open("shared");
  await cache.put(granted, new Response("left behind"));
  return { got: "a cache" };
}
