import { followReadme } from "./_readme.ts";

Deno.test("examples/orders/README.md runs as written, kill -9 included", async () => {
  const options = { ports: [8080, 8800], data: ".data" };
  await followReadme("examples/orders/README.md", options);
});
