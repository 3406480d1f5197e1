// Listens and connects with the sockets of Deno.
// deno-lint-ignore-file
// @ts-nocheck

export async function execute({ port }) {
  const listener = Deno.listen({ port: 0 });
  const connection = await Deno.connect({ port: Number(port) });
  return { got: [listener.addr, connection.remoteAddr] };
}
