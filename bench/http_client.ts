/**
 * Asks an HTTP server as fast as it answers, with as little work of its own as
 * can be: it writes requests in batches and only counts the bytes that come
 * back. Every answer must be as long as the first.
 *
 * @module
 */
/// <reference lib="deno.worker" />

/** What to ask. */
export interface Task {
  readonly port: number;
  readonly path: string;
  readonly count: number;
}

const CONNECTIONS = 8;
const BATCH = 10;

self.onmessage = async ({ data }: MessageEvent<Task>) => {
  const each = Math.ceil(data.count / CONNECTIONS / BATCH) * BATCH;
  const start = performance.now();
  await Promise.all(
    Array.from({ length: CONNECTIONS }, () => ask(data, each)),
  );
  const measured = performance.now() - start;
  self.postMessage(measured * data.count / (each * CONNECTIONS));
};

async function ask({ port, path }: Task, count: number): Promise<void> {
  using connection = await Deno.connect({ hostname: "127.0.0.1", port });
  const one = new TextEncoder().encode(
    `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n` +
      "User-Agent: bench\r\nAccept: */*\r\n\r\n",
  );
  const batch = new Uint8Array(one.length * BATCH);
  for (let i = 0; i < BATCH; i++) batch.set(one, i * one.length);
  const buffer = new Uint8Array(65_536);
  await write(connection, one);
  const size = await connection.read(buffer);
  if (size === null) throw new Error("The server closed the connection");
  for (let asked = 0; asked < count; asked += BATCH) {
    await write(connection, batch);
    for (let wanted = size * BATCH; wanted > 0;) {
      const bytes = await connection.read(buffer);
      if (bytes === null) throw new Error("The server closed the connection");
      wanted -= bytes;
      if (wanted < 0) throw new Error("An answer was longer than the first");
    }
  }
}

async function write(connection: Deno.Conn, bytes: Uint8Array): Promise<void> {
  for (let sent = 0; sent < bytes.length;) {
    sent += await connection.write(bytes.subarray(sent));
  }
}
