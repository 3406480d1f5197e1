// Sends a result and a log line whose fields are called __proto__ and
// constructor, to reach the prototypes of the engine.
// deno-lint-ignore-file
// @ts-nocheck

export function execute(_, ctx) {
  const bad =
    '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}';
  ctx.log.info("fields", JSON.parse(bad));
  return JSON.parse(bad);
}
