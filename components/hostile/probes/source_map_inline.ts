// Says with an inline source map that its code is a file of the machine, whose
// lines errors may then show.
// alone: ["shared"]
// deno-lint-ignore-file
// @ts-nocheck

export function execute() {
  setTimeout(() => {
    throw new Error("shown with its line");
  });
  const { stack } = new Error("here");
  return new Promise((resolve) => setTimeout(() => resolve({ stack }), 50));
}

//# sourceMappingURL=data:application/json;base64,eyJ2ZXJzaW9uIjozLCJzb3VyY2VzIjpbImZpbGU6Ly8vZXRjL3Bhc3N3ZCJdLCJuYW1lcyI6W10sIm1hcHBpbmdzIjoiQUFBQTtBQUFBO0FBQUE7QUFBQTtBQUFBO0FBQUE7QUFBQTtBQUFBO0FBQUE7QUFBQTtBQUFBIn0=
