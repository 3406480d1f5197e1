/**
 * The sockets on which webhooks arrive. Receivers share a port by their path, and
 * a receiver that a reload takes away and puts back finds its socket open.
 *
 * @module
 */
import type { Host } from "@engine/define.ts";

/** How long `close` waits for answers under way, in milliseconds. */
export const DRAIN_MS = 5_000;

/** Where a receiver listens. */
export interface Place {
  readonly hostname: string;
  readonly port: number;
  readonly path: string;
}

/** Answers one request. */
export type Receive = (request: Request) => Promise<Response>;

type Effects = Host["effects"];
type Listener = ReturnType<Effects["network"]["listen"]>;

interface Port {
  readonly hostname: string;
  readonly port: number;
  /** By path; the last one that was added receives. */
  readonly receivers: Map<string, readonly Receive[]>;
  listener?: Listener;
}

/** Listens from `open` to `close`. */
export class WebhookPorts {
  readonly #effects: Effects;
  readonly #ports = new Map<string, Port>();
  #isOpen = false;

  constructor(effects: Effects) {
    this.#effects = effects;
  }

  /**
   * Adds a receiver; returns what takes it away.
   *
   * @throws {Deno.errors.AddrInUse} if it is open and the port is taken.
   */
  add({ hostname, port, path }: Place, receive: Receive): () => void {
    const key = `${hostname}:${port}`;
    const entry: Port = this.#ports.get(key) ??
      { hostname, port, receivers: new Map() };
    if (this.#isOpen) this.#listen(entry);
    this.#ports.set(key, entry);
    const { receivers } = entry;
    receivers.set(path, [...receivers.get(path) ?? [], receive]);
    return () => {
      const left = (receivers.get(path) ?? []).filter((one) => one !== receive);
      if (left.length > 0) receivers.set(path, left);
      else receivers.delete(path);
      // A reload puts it back before anything else gets to run.
      queueMicrotask(() => this.#release(key, entry));
    };
  }

  isListening({ hostname, port }: Place): boolean {
    return this.#ports.get(`${hostname}:${port}`)?.listener !== undefined;
  }

  /** @throws {Deno.errors.AddrInUse} if a port is taken. */
  open(): void {
    this.#isOpen = true;
    for (const port of this.#ports.values()) this.#listen(port);
  }

  async close(): Promise<void> {
    this.#isOpen = false;
    const ends = [...this.#ports.values()].map(async (port) => {
      const { listener } = port;
      delete port.listener;
      await listener?.shutdown();
    });
    const { promise: late, resolve } = Promise.withResolvers<void>();
    const cancel = this.#effects.clock.after(DRAIN_MS, resolve);
    await Promise.race([Promise.all(ends), late]).finally(cancel);
  }

  #listen(port: Port): void {
    port.listener ??= this.#effects.network.listen(
      { hostname: port.hostname, port: port.port },
      (request) => answer(port, request),
    );
  }

  #release(key: string, port: Port): void {
    if (port.receivers.size > 0 || this.#ports.get(key) !== port) return;
    this.#ports.delete(key);
    // Answers under way are sent; nobody has to wait for that.
    void port.listener?.shutdown();
  }
}

function answer(
  { receivers }: Port,
  request: Request,
): Response | Promise<Response> {
  const receive = receivers.get(new URL(request.url).pathname)?.at(-1);
  return receive === undefined
    ? Response.json({ error: "No webhook is received here" }, { status: 404 })
    : receive(request);
}
