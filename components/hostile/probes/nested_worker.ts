// Starts a worker of its own.
// deno-lint-ignore-file
// @ts-nocheck

export function execute() {
  const code = "data:text/javascript,postMessage(typeof Deno)";
  const worker = new Worker(code, { type: "module" });
  return new Promise((resolve) => {
    worker.onmessage = ({ data }) => resolve({ got: data });
  });
}
