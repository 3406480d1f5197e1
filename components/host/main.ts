/**
 * The process that runs components. It has no permission at all and knows nothing
 * of what it carries: each component has a worker, and what the engine and a
 * worker say to each other goes through as bytes.
 *
 * It ends when its input does, so it never outlives the engine.
 *
 * @module
 */
import {
  encodeFrame,
  FrameReader,
  HOST_MEMORY_BYTES_MAX,
  type HostReport,
  type HostRequest,
  TOKEN_BYTES,
} from "../protocol.ts";
import { keyedRandom } from "../keyed_random.ts";
import { bootstrap } from "./bootstrap.ts";

/** Bytes that are read at a time. */
const READ_BYTES = 256 * 1024;

interface Loaded {
  readonly worker: Worker;
  readonly port: MessagePort;
  /** The component in it; 0 as long as there is none. */
  component: number;
  /** It was asked for a sign of life, and has not given one. */
  isAsked: boolean;
}

const loaded = new Map<number, Loaded>();
const encoder = new TextEncoder();
const decoder = new TextDecoder();
const script = URL.createObjectURL(
  new Blob([`(${bootstrap.toString()})(${keyedRandom.toString()});`], {
    type: "text/javascript",
  }),
);

/** How long nothing is loaded until a worker is made ready, in milliseconds. */
const QUIET_MS = 50;

let keepsSpare = false;
/** A worker that waits for the next component; the first one will come. */
let spare: Loaded | undefined = makeWorker();
let refill: ReturnType<typeof setTimeout> | undefined;

/** How often the process looks at the memory that it holds, in milliseconds. */
const LOOK_MS = 50;

/** After so many looks it is told. */
const LOOKS_TOLD = 20;

/** How often components are asked for a sign of life, in milliseconds. */
const BEAT_MS = 5_000;

let token = new Uint8Array(TOKEN_BYTES);

await readAll();

/**
 * The engine cannot see how much this process holds unless it may do everything;
 * the process itself can. Workers have threads of their own, so that one that fills
 * the memory does not keep this one from looking.
 */
function watchMemory(): void {
  let looks = 0;
  const timer = setInterval(() => {
    const { rss: bytes } = Deno.memoryUsage();
    if (bytes > HOST_MEMORY_BYTES_MAX) {
      clearInterval(timer);
      report({ is: "full", bytes });
    } else if (looks++ % LOOKS_TOLD === 0) report({ is: "memory", bytes });
  }, LOOK_MS);
}

/** Tells of those that spin; the engine knows whether they may. */
function watchWorkers(): void {
  setInterval(() => {
    for (const [component, one] of loaded) {
      if (one.isAsked) report({ is: "silent", component });
      else {
        one.isAsked = true;
        one.port.postMessage(null);
      }
    }
  }, BEAT_MS);
}

async function readAll(): Promise<void> {
  const buffer = new Uint8Array(READ_BYTES);
  token = await readToken();
  report({ is: "ready" });
  watchMemory();
  watchWorkers();
  const frames = new FrameReader();
  for (;;) {
    const count = await Deno.stdin.read(buffer);
    if (count === null) Deno.exit(0);
    for (const { component, bytes } of frames.read(buffer.subarray(0, count))) {
      if (component === 0) obey(JSON.parse(decoder.decode(bytes)));
      else {
        const given = bytes.slice();
        loaded.get(component)?.port.postMessage(given, [given.buffer]);
      }
    }
  }
}

/** The first bytes of the input. */
async function readToken(): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(TOKEN_BYTES);
  for (let at = 0; at < TOKEN_BYTES;) {
    const count = await Deno.stdin.read(bytes.subarray(at));
    if (count === null) Deno.exit(0);
    at += count;
  }
  return bytes;
}

function obey(requests: readonly HostRequest[]): void {
  for (const request of requests) {
    switch (request.do) {
      case "load":
        load(request);
        break;
      case "unload":
        loaded.get(request.component)?.worker.terminate();
        loaded.delete(request.component);
        break;
      case "keepSpare":
        keepsSpare = true;
    }
  }
}

function load({ do: _, component, ...given }: HostRequest & { do: "load" }) {
  const one = spare ?? makeWorker();
  spare = undefined;
  one.component = component;
  loaded.set(component, one);
  one.port.postMessage(given);
  refillLater();
}

/** A worker that takes everything away while nobody waits for it. */
function makeWorker(): Loaded {
  const worker = new Worker(script, { type: "module", name: "component" });
  const { port1: port, port2 } = new MessageChannel();
  const one: Loaded = { worker, port, component: 0, isAsked: false };
  worker.postMessage(port2, [port2]);
  port.onmessage = ({ data }) => {
    if (data === null) one.isAsked = false;
    // A component may send anything; the engine takes bytes.
    const isBytes = one.component !== 0 && data instanceof Uint8Array;
    if (isBytes) send(one.component, data as Bytes);
  };
  worker.onerror = (event) => {
    event.preventDefault();
    if (spare === one) spare = undefined;
    loaded.delete(one.component);
    report({ is: "ended", component: one.component, error: event.message });
  };
  return one;
}

/** Not at once: where one component is loaded, more may follow. */
function refillLater(): void {
  if (!keepsSpare) return;
  clearTimeout(refill);
  refill = setTimeout(() => spare ??= makeWorker(), QUIET_MS);
}

type Bytes = Uint8Array<ArrayBuffer>;

function report(what: HostReport): void {
  send(0, encoder.encode(JSON.stringify([what])));
}

function send(component: number, bytes: Bytes): void {
  // At once, since a write that waits its turn takes longer than the call. The
  // engine always reads; until it does, nothing more comes of the components.
  const frame = encodeFrame({ component, bytes }, token);
  for (let at = 0; at < frame.length;) {
    at += Deno.stdout.writeSync(frame.subarray(at));
  }
}
