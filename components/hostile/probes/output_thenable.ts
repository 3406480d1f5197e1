// Returns a thenable that settles twice, throws afterwards and calls back
// synchronously.
// deno-lint-ignore-file
// @ts-nocheck

export function execute() {
  return {
    then(resolve, reject) {
      resolve({ got: null });
      resolve({ got: "twice" });
      reject(new Error("also"));
      throw new Error("and this");
    },
  };
}
