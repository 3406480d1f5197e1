/**
 * What runs in the worker of a component before its code: takes away what must
 * not be reachable, loads the code, and answers the engine.
 *
 * It is given to the worker as text, so it refers to nothing outside of itself.
 * It shares its realm with the component, which may change every prototype: the
 * engine therefore trusts nothing that comes out of a worker, and all that this
 * file keeps from a component are capabilities.
 *
 * Longer than 400 lines because it is one text.
 *
 * @module
 */

/** See the module comment. */
// deno-lint-ignore workflow/function-length -- it can refer to nothing outside of itself
export function bootstrap(
  keyedRandom: (key: string) => () => number,
): void {
  type Json = unknown;
  interface Given {
    readonly code: string;
    /** Null is granted, and not set. */
    readonly env: Record<string, string | null>;
    readonly secrets: Record<string, string>;
    readonly services: Record<string, readonly string[]>;
    readonly outputMax: number;
  }
  /** The time in the engine, when messages came. */
  interface Time {
    readonly now: number;
    readonly deadline: number | null;
    readonly since: number;
  }
  interface Call {
    readonly id: number;
    readonly key: string;
    readonly time: Time;
    controller: AbortController | undefined;
    random: (() => number) | undefined;
  }
  interface Message {
    readonly c: number;
    readonly f?: string;
    readonly p: Record<string, Json>;
    readonly k: string;
    readonly n?: number;
    readonly d: number | null;
    readonly x?: number;
    readonly why?: string;
    readonly r?: number;
    readonly v?: Json;
    readonly e?: { name: string; message: string };
    readonly ping?: number;
  }

  // What is needed later is taken before anybody can change it.
  const { parse, stringify } = JSON;
  const encoder = new TextEncoder();
  const decoder = new TextDecoder();
  const encode = encoder.encode.bind(encoder);
  const decode = decoder.decode.bind(decoder);
  const clock = performance.now.bind(performance);
  const { apply, ownKeys, getPrototypeOf, deleteProperty } = Reflect;
  const post = MessagePort.prototype.postMessage;
  const makeUrl = URL.createObjectURL.bind(URL);
  const freeUrl = URL.revokeObjectURL.bind(URL);
  const queue = queueMicrotask;
  const AbortControllerOf = AbortController;
  const ResponseOf = Response;
  const BlobOf = Blob;

  const KEPT = new Set([
    // The language.
    ...["Object", "Function", "Array", "Number", "parseFloat", "parseInt"],
    ...["Infinity", "NaN", "undefined", "Boolean", "String", "Symbol", "Date"],
    ...["Promise", "RegExp", "Error", "AggregateError", "EvalError", "Math"],
    ...["RangeError", "ReferenceError", "SyntaxError", "TypeError", "URIError"],
    ...["JSON", "Intl", "ArrayBuffer", "Uint8Array", "Int8Array", "DataView"],
    ...["Uint16Array", "Int16Array", "Uint32Array", "Int32Array", "Map"],
    ...["Float16Array", "Float32Array", "Float64Array", "Uint8ClampedArray"],
    ...["BigUint64Array", "BigInt64Array", "BigInt", "Set", "WeakMap"],
    ...["WeakSet", "WeakRef", "FinalizationRegistry", "Proxy", "Reflect"],
    ...["Iterator", "AsyncIterator", "SuppressedError", "DisposableStack"],
    ...["AsyncDisposableStack", "Temporal", "globalThis", "escape", "unescape"],
    ...["decodeURI", "decodeURIComponent", "encodeURI", "encodeURIComponent"],
    ...["isFinite", "isNaN"],
    // Of the platform, what computes and reaches nothing.
    ...["URL", "URLSearchParams", "URLPattern", "TextEncoder", "TextDecoder"],
    ...["Headers", "Request", "Response", "FormData", "Blob", "AbortSignal"],
    ...["AbortController", "DOMException", "Event", "EventTarget", "crypto"],
    ...["Crypto", "CryptoKey", "SubtleCrypto", "atob", "btoa"],
    ...["structuredClone", "queueMicrotask", "setTimeout", "clearTimeout"],
    ...["setInterval", "clearInterval", "performance", "console"],
    ...["ReadableStream", "WritableStream", "TransformStream"],
    ...["TextDecoderStream", "TextEncoderStream", "CompressionStream"],
    ...["DecompressionStream"],
  ]);

  /** Takes everything else off an object; names what cannot be taken. */
  function strip(from: object): string[] {
    const left: string[] = [];
    for (const name of ownKeys(from)) {
      if (typeof name === "string" && KEPT.has(name)) continue;
      if (name === "constructor") continue;
      const isGone = deleteProperty(from, name);
      if (!isGone) left.push(String(name));
    }
    return left;
  }

  /** Uses what stays once: some of it is made then, out of what goes. */
  async function warmUp(): Promise<void> {
    for (const name of KEPT) void scope[name];
    await new Promise<void>((resolve) => {
      const timer = setInterval(() => {
        clearInterval(timer);
        resolve();
      }, 0);
      clearTimeout(setTimeout(() => {}, 0));
    });
    AbortSignal.timeout(1_000);
    AbortSignal.any([]);
    structuredClone({ a: [1] });
    crypto.randomUUID();
    await crypto.subtle.digest("SHA-256", new Uint8Array(1));
    new URLPattern({ pathname: "/:a" });
    new FormData().append("a", "b");
    await new Request("http://a/", { method: "POST", body: "a" }).arrayBuffer();
    const { body } = new Response(new Uint8Array(1));
    const zipped = body?.pipeThrough(new CompressionStream("gzip"))
      .pipeThrough(new DecompressionStream("gzip"));
    await new Response(zipped).arrayBuffer();
    await new Response("{}").json();
    await new Blob(["a"]).text();
    new TextDecoderStream();
    new TextEncoderStream();
    const empty = makeUrl(new Blob([""], { type: "text/javascript" }));
    // deno-lint-ignore workflow/import-direction -- it is empty
    await import(empty);
    freeUrl(empty);
    new DOMException("a");
    new EventTarget().dispatchEvent(new Event("a"));
    performance.mark("a");
  }

  const scope = globalThis as unknown as {
    onmessage: ((event: MessageEvent) => void) | null;
  } & Record<string, unknown>;

  const isWarm = warmUp();
  scope.onmessage = (event: MessageEvent) => {
    scope.onmessage = null;
    void begin(event.data as MessagePort);
  };

  // deno-lint-ignore workflow/function-length -- the same
  async function begin(port: MessagePort): Promise<void> {
    /** What the component is; until it comes, nothing of it is here. */
    let given: Given = {
      ...{ code: "", env: {}, secrets: {}, services: {}, outputMax: 0 },
    };
    const isGiven = Promise.withResolvers<void>();
    let isAwaited = true;
    let out: string[] = [];
    let outLength = 0;
    let isQueued = false;

    function flush(): void {
      isQueued = false;
      if (out.length === 0) return;
      const messages = out;
      out = [];
      outLength = 0;
      const bytes = encode(`[${messages.join(",")}]`);
      apply(post, port, [bytes, [bytes.buffer]]);
    }

    function send(message: string): void {
      // One frame holds so much, unless one message alone has more.
      if (outLength + message.length > 131_072) flush();
      out.push(message);
      outLength += message.length;
      if (isQueued) return;
      isQueued = true;
      queue(flush);
    }

    function thrown(error: unknown): string {
      let name = "Error";
      let message = "";
      let retryAfterMs: unknown;
      try {
        if (typeof error === "object" && error !== null) {
          const it = error as Record<string, unknown>;
          name = String(it.name ?? "Error").slice(0, 100);
          message = String(it.message ?? "").slice(0, 10_000);
          retryAfterMs = it.retryAfterMs;
        } else message = String(error).slice(0, 10_000);
      } catch {
        // An error whose fields throw says nothing.
      }
      return stringify({
        name,
        message,
        ...typeof retryAfterMs === "number" ? { retryAfterMs } : {},
      });
    }

    const calls = new Map<number, Call>();
    /** What `init` is given outlives its call. */
    const ALWAYS: Call = {
      ...{ id: 0, key: "", time: { now: 0, deadline: null, since: 0 } },
      ...{ controller: undefined, random: undefined },
    };
    const asked = new Map<
      number,
      { resolve: (value: Json) => void; reject: (error: unknown) => void }
    >();
    let nextRequest = 1;

    function ask(call: Call, op: string, args: readonly Json[]): Promise<Json> {
      return new Promise((resolve, reject) => {
        const id = nextRequest++;
        asked.set(id, { resolve, reject });
        send(stringify({ r: id, c: call.id, op, a: args }));
      });
    }

    function write(level: string, message: unknown, fields: unknown): void {
      let text = "null";
      try {
        text = stringify(fields ?? null) ?? "null";
      } catch {
        text = '"(not JSON)"';
      }
      if (text.length > 10_000) text = '"(too long)"';
      const line = stringify(String(message).slice(0, 10_000));
      send(`{"log":"${level}","m":${line},"f":${text}}`);
    }

    const log = Object.freeze({
      debug: (m: unknown, f?: unknown) => write("debug", m, f),
      info: (m: unknown, f?: unknown) => write("info", m, f),
      warn: (m: unknown, f?: unknown) => write("warn", m, f),
      error: (m: unknown, f?: unknown) => write("error", m, f),
    });
    let env: Given["env"] = {};
    let secrets: Given["secrets"] = {};

    class Context {
      readonly #call: Call;

      constructor(call: Call) {
        this.#call = call;
      }

      get log(): typeof log {
        return log;
      }

      get secrets(): Given["secrets"] {
        return secrets;
      }

      get signal(): AbortSignal {
        return (this.#call.controller ??= new AbortControllerOf()).signal;
      }

      get deadline(): number | undefined {
        return this.#call.time.deadline ?? undefined;
      }

      get idempotencyKey(): string {
        return this.#call.key;
      }

      get services(): Record<string, unknown> {
        return servicesOf(this.#call);
      }

      // Functions, not methods: `{ fetch }` may be taken from a context.

      get now(): () => number {
        const { now, since } = this.#call.time;
        return () => now + (clock() - since);
      }

      /** The same numbers for every attempt at a piece of work. */
      get random(): () => number {
        return (this.#call.random ??= keyedRandom(this.#call.key));
      }

      get env(): (name: string) => string | undefined {
        return (name) => envOf(this.#call, name);
      }

      get fetch(): typeof fetch {
        return (input, init) => fetchFor(this.#call, input, init);
      }

      get read(): (path: string) => Promise<Uint8Array> {
        return async (path) => {
          const content = await ask(this.#call, "read", [path]) as string;
          return Uint8Array.fromBase64(content);
        };
      }

      get write(): (
        path: string,
        content: string | Uint8Array,
      ) => Promise<void> {
        return async (path, content) => {
          const bytes = typeof content === "string" ? encode(content) : content;
          await ask(this.#call, "write", [path, bytes.toBase64()]);
        };
      }
    }

    function envOf(call: Call, name: string): string | undefined {
      const value = env[name];
      if (value !== undefined) return value ?? undefined;
      // The engine refuses it as well, which is what logs and counts say.
      ask(call, "env", [`${name}`]).catch(() => {});
      const error = new Error(
        `The environment variable "${name}" is not granted: add ` +
          `env: [${stringify(`${name}`)}] to the permissions`,
      );
      error.name = "TerminalError";
      throw error;
    }

    async function fetchFor(
      call: Call,
      input: string | URL | Request,
      init?: RequestInit,
    ): Promise<Response> {
      const request = new Request(input, init);
      const body = request.body === null
        ? null
        : new Uint8Array(await request.arrayBuffer()).toBase64();
      const answer = await ask(call, "fetch", [
        request.url,
        request.method,
        [...request.headers],
        body,
      ]) as {
        status: number;
        headers: [string, string][];
        body: string;
      };
      const hasNone = [101, 204, 205, 304].includes(answer.status);
      return new ResponseOf(
        hasNone ? null : Uint8Array.fromBase64(answer.body),
        answer,
      );
    }

    function servicesOf(call: Call): Record<string, unknown> {
      const services: Record<string, unknown> = {};
      for (const [name, methods] of Object.entries(given.services)) {
        services[name] = Object.freeze(Object.fromEntries(
          methods.map((method) => [
            method,
            (params: unknown) =>
              ask(call, "service", [name, method, params ?? {}]),
          ]),
        ));
      }
      return Object.freeze(services);
    }

    function settle(call: Call, value: unknown): void {
      calls.delete(call.id);
      let text: string | undefined;
      try {
        text = stringify(value === undefined ? null : value);
      } catch (error) {
        const message = `it is not JSON: ${
          error instanceof Error ? error.message : String(error)
        }`;
        return fail(call, { name: "OutputError", message });
      }
      if (text === undefined) {
        const message = `it is not JSON: it is a ${typeof value}`;
        return fail(call, { name: "OutputError", message });
      }
      if (text.length > given.outputMax) {
        const message = `it has ${text.length} characters of JSON, the ` +
          `limit is ${given.outputMax} characters`;
        return fail(call, { name: "OutputTooLargeError", message });
      }
      send(`{"c":${call.id},"v":${text}}`);
    }

    function fail(call: Call, error: unknown): void {
      calls.delete(call.id);
      send(`{"c":${call.id},"e":${thrown(error)}}`);
    }

    let component: Record<string, unknown> = {};

    function run({ c, f = "execute", p, k }: Message): void {
      const call: Call = {
        id: c,
        key: k,
        time,
        controller: undefined,
        random: undefined,
      };
      try {
        const work = component[f] as (...args: unknown[]) => unknown;
        const value = f === "execute"
          ? apply(work, component, [p, new Context(call)])
          : apply(work, component, f === "init" ? [servicesOf(ALWAYS)] : []);
        if (typeof (value as { then?: unknown } | null)?.then === "function") {
          calls.set(c, call);
          (async () => await value)().then(
            (result) => settle(call, result),
            (error) => fail(call, error),
          );
        } else settle(call, value);
      } catch (error) {
        fail(call, error);
      }
    }

    function answered({ r, v, e }: Message): void {
      const waiting = asked.get(r ?? 0);
      asked.delete(r ?? 0);
      if (e === undefined) return waiting?.resolve(v);
      const error = new Error(e.message);
      error.name = e.name;
      waiting?.reject(error);
    }

    function take(message: Message): void {
      if (message.n !== undefined) {
        time = { now: message.n, deadline: message.d, since: clock() };
        return;
      }
      if (message.ping !== undefined) return send(`{"pong":${message.ping}}`);
      if (message.x !== undefined) {
        calls.get(message.x)?.controller?.abort(new Error(message.why));
      } else if (message.r !== undefined) answered(message);
      else run(message);
    }

    let isLoaded = false;
    let time: Time = { now: 0, deadline: null, since: 0 };
    const early: Message[] = [];
    port.onmessage = (event: MessageEvent) => {
      // The host wants to know whether it is alive.
      if (event.data === null) return apply(post, port, [null]);
      // Before the first message there is no code that could have sent it.
      if (isAwaited) {
        isAwaited = false;
        given = event.data;
        return isGiven.resolve();
      }
      for (const message of parse(decode(event.data))) {
        if (isLoaded) take(message);
        else early.push(message);
      }
    };

    await isWarm;

    // From here on there is nothing to reach.
    const left: string[] = [];
    for (
      let from: object | null = globalThis;
      from !== null && from !== EventTarget.prototype;
      from = getPrototypeOf(from)
    ) {
      left.push(...strip(from));
    }
    for (const maker of ["createObjectURL", "revokeObjectURL"]) {
      deleteProperty(URL, maker);
    }
    const quiet: Record<string, unknown> = {};
    for (const level of ["debug", "info", "warn", "error"] as const) {
      quiet[level] = (...args: unknown[]) =>
        write(level, args.map(String).join(" "), undefined);
    }
    quiet.log = quiet.info;
    scope.console = Object.freeze(quiet);

    // The host takes no text: it only sends and takes once.
    apply(post, port, ["ready"]);
    await isGiven.promise;
    env = { __proto__: null, ...given.env } as never;
    secrets = Object.freeze({ ...given.secrets });
    // A property of the language that cannot be deleted is in KEPT.
    if (left.length > 0) {
      const message = `Cannot take away ${left.join(", ")}`;
      return send(`{"failed":${thrown({ name: "Error", message })}}`);
    }
    try {
      const { code } = given;
      const address = makeUrl(new BlobOf([code], { type: "text/javascript" }));
      // deno-lint-ignore workflow/import-direction -- it is the component
      const exported = await import(address) as Record<string, unknown>;
      freeUrl(address);
      const names = ["init", "start", "stop", "execute", "contract", "name"];
      const hasNames = names.some((name) => exported[name] !== undefined);
      const chosen = hasNames ? exported : exported.default;
      if (chosen === null || typeof chosen !== "object") {
        throw new TypeError("Cannot use it: it exports no component");
      }
      component = chosen as Record<string, unknown>;
      for (const name of names.slice(0, 4)) {
        const value = component[name];
        if (value === undefined || typeof value === "function") continue;
        throw new TypeError(
          `Cannot use it: its "${name}" is a ${typeof value}, expected a function`,
        );
      }
      const called = (value: unknown) =>
        typeof value === "function" ? apply(value, component, []) : value;
      const name = called(component.name);
      isLoaded = true;
      for (const message of early.splice(0)) take(message);
      send(stringify({
        loaded: {
          name: typeof name === "string" ? name : null,
          contract: called(component.contract) ?? null,
          functions: names.slice(0, 4)
            .filter((each) => component[each] !== undefined),
        },
      }));
    } catch (error) {
      send(`{"failed":${thrown(error)}}`);
    }
  }
}
