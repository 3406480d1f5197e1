// Answers after nobody waits any more, twice, while the next call is under
// way.
// alone: ["shared"]
// deno-lint-ignore-file
// @ts-nocheck

export function execute({ call }) {
  const ms = call === 1 ? 700 : 0;
  return new Promise((resolve) => {
    setTimeout(() => {
      resolve({ got: call === 1 ? "late" : null });
      resolve({ got: "twice" });
    }, ms);
  });
}
