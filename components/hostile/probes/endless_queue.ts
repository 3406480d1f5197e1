// Never lets anything else have a turn, with a queue of microtasks that grows.
// executionMs: 200
// alone: ["shared"]
// deno-lint-ignore-file
// @ts-nocheck

export function execute() {
  const again = () => queueMicrotask(again);
  again();
  return new Promise(() => {});
}
