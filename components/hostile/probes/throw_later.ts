// Answers well and throws afterwards, where nobody catches it.
// calls: 2
// alone: ["shared"]
// deno-lint-ignore-file
// @ts-nocheck

export function execute({ call }) {
  if (call > 1) return { got: null };
  Promise.reject(new Error("nobody catches this"));
  return new Promise((resolve) => {
    setTimeout(() => resolve({ got: null }), 20);
  });
}
