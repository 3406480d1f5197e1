// Decompresses zeros without end.
// executionMs: 1500
// alone: ["shared", "process"]
// deno-lint-ignore-file
// @ts-nocheck

export async function execute() {
  const zeros = new Blob([new Uint8Array(64 * 1024 * 1024)]);
  const small = await new Response(
    zeros.stream().pipeThrough(new CompressionStream("gzip")),
  ).arrayBuffer();
  const kept = [];
  for (;;) {
    const large = new Blob([small]).stream()
      .pipeThrough(new DecompressionStream("gzip"));
    kept.push(await new Response(large).arrayBuffer());
  }
}
