import { followReadme } from "./_readme.ts";

Deno.test("examples/order-pipeline/README.md runs as written, kill -9 included", async () => {
  const options = { ports: [8090, 8890], data: ".data/order-pipeline" };
  await followReadme("examples/order-pipeline/README.md", options);
});
