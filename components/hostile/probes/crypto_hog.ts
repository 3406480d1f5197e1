// Keeps all threads of the runtime busy with keys that take minutes to make.
// alone: ["shared", "process"]
// deno-lint-ignore-file
// @ts-nocheck

export function execute() {
  for (let i = 0; i < 8; i++) {
    crypto.subtle.generateKey(
      {
        name: "RSA-PSS",
        modulusLength: 8_192,
        publicExponent: new Uint8Array([1, 0, 1]),
        hash: "SHA-256",
      },
      true,
      ["sign", "verify"],
    ).catch(() => {});
  }
  return { got: null };
}
