/**
 * Does for components what they cannot do themselves, and only what the document
 * grants: calls over the network, files, other modules. Runs in the engine.
 *
 * Secrets are placeholders inside of a component. They become what they stand
 * for in the headers and the body of a call to a granted host, and nowhere else.
 *
 * @module
 */
import type { Effects } from "../engine/effects.ts";
import { messageOf, RetryableError, TerminalError } from "../engine/errors.ts";
import { guardedFetch, type Hop } from "../engine/outgoing/guarded_fetch.ts";
import {
  type Capability,
  grantFor,
  type Grants,
  mayReach,
  mayTouch,
  namesHost,
  PermissionError,
} from "./grants.ts";

/** The longest that one call over the network may take, in milliseconds. */
const FETCH_MS_MAX = 30_000;

/** The most that a component may read or write at once, in bytes: 8 MiB. */
export const FILE_BYTES_MAX = 8 * 1024 * 1024;

/** The most that the body of a request may have, in bytes: 8 Mi. */
export const BODY_BYTES_MAX = 8 * 1024 * 1024;

/** Requests of one component that may be under way. */
export const REQUESTS_MAX = 1_000;

/** The files of the document's folder. Whoever gives it sees to links and limits. */
export interface Files {
  read(path: string): Promise<Uint8Array>;
  write(path: string, content: Uint8Array): Promise<void>;
}

/** What a broker works with. */
export interface BrokerOptions {
  /** What messages call the component. */
  readonly component: string;
  readonly grants: Grants;
  /** Values by name; the component has `placeholders` of them. */
  readonly secrets: Readonly<Record<string, string>>;
  readonly effects: Pick<Effects, "clock" | "network" | "random">;
  readonly files: Files;
  /** Calls a method of a module that the component may use. */
  readonly service: (
    name: string,
    method: string,
    params: unknown,
    context: Asking,
  ) => Promise<unknown>;
  /** Something was asked for and not granted. */
  readonly onRefused: (error: PermissionError) => void;
  /** Something was asked for and granted. */
  readonly onUsed: (capability: Capability, what: string) => void;
}

/** The call in which something is asked for. */
export interface Asking {
  readonly signal: AbortSignal;
  readonly idempotencyKey: string;
}

/** See the module comment. */
export class Broker {
  /** What the component finds as its secrets. */
  readonly placeholders: Readonly<Record<string, string>>;
  readonly #options: BrokerOptions;
  readonly #values = new Map<string, string>();
  #underWay = 0;

  constructor(options: BrokerOptions) {
    this.#options = options;
    this.placeholders = Object.fromEntries(
      Object.entries(options.secrets).map(([name, value]) => {
        const placeholder = `secret-${hex(options.effects.random.bytes(16))}`;
        this.#values.set(placeholder, value);
        return [name, placeholder];
      }),
    );
  }

  /**
   * Does what a component asks for. What it sends is not trusted to be anything.
   *
   * @throws {PermissionError} It was not granted.
   */
  async do(
    op: unknown,
    args: readonly unknown[],
    asking: Asking,
  ): Promise<unknown> {
    if (this.#underWay >= REQUESTS_MAX) {
      throw new TerminalError(
        `${this.#options.component} has ${this.#underWay} requests under way, ` +
          `the limit is ${REQUESTS_MAX} requests`,
      );
    }
    this.#underWay++;
    try {
      switch (op) {
        case "fetch":
          return await this.#fetch(args, asking);
        case "read":
          return (await this.#read(text(args[0]))).toBase64();
        case "write":
          return await this.#write(text(args[0]), bytesOf(text(args[1])));
        case "env":
          return this.#env(text(args[0]));
        case "service":
          return await this.#options.service(
            text(args[0]),
            text(args[1]),
            args[2],
            asking,
          );
        default:
          throw new TerminalError("Cannot do what is asked: it is unknown");
      }
    } finally {
      this.#underWay--;
    }
  }

  async #fetch(
    [url, method, headers, body]: readonly unknown[],
    { signal }: Asking,
  ) {
    const { effects, grants } = this.#options;
    const answer = await this.#hiding(() =>
      guardedFetch(effects, {
        url: text(url),
        method: text(method),
        headers: headersOf(headers),
        ...typeof body === "string" ? { body: bodyOf(body) } : {},
      }, {
        timeoutMs: FETCH_MS_MAX,
        signal,
        allowPrivateIPs: (address) => namesHost(grants, address),
        atHop: (hop) => this.#admit(hop),
      })
    );
    return {
      status: answer.status,
      // The body is what they described, and is that no more.
      headers: [...answer.headers].filter(([name]) =>
        name !== "content-encoding" && name !== "content-length"
      ),
      body: answer.body.toBase64(),
    };
  }

  /** What goes wrong with a secret must not show it. */
  async #hiding<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (error instanceof PermissionError) throw error;
      let message = messageOf(error);
      for (const [placeholder, secret] of this.#values) {
        if (secret !== "") message = message.replaceAll(secret, placeholder);
      }
      // Not the error itself: its cause would show it as well.
      throw error instanceof RetryableError
        ? new RetryableError(message)
        : new TerminalError(message);
    }
  }

  /** A hop with its secrets, if it may be made. */
  #admit(hop: Hop): Hop {
    const { grants } = this.#options;
    const { url } = hop;
    if (!mayReach(grants, url)) {
      throw this.#refused("net", grantFor(url));
    }
    this.#options.onUsed("net", grantFor(url));
    const { headers = {}, body } = hop;
    const filled = Object.fromEntries(
      Object.entries(headers).map(([name, value]) => {
        if (!HEADER_VALUE.test(value)) {
          throw new TerminalError(
            `Cannot send the header "${name}": it is malformed`,
          );
        }
        return [name, this.#fill(value)];
      }),
    );
    return {
      ...hop,
      headers: filled,
      ...body === undefined ? {} : { body: this.#fillBody(body) },
    };
  }

  #fill(value: string): string {
    let filled = value;
    for (const [placeholder, secret] of this.#values) {
      filled = filled.replaceAll(placeholder, () => secret);
    }
    return filled;
  }

  #fillBody(
    body: string | Uint8Array<ArrayBuffer>,
  ): string | Uint8Array<ArrayBuffer> {
    if (typeof body === "string") return this.#fill(body);
    const content = latin1(body);
    let filled = content;
    for (const [placeholder, secret] of this.#values) {
      const bytes = latin1(new TextEncoder().encode(secret));
      filled = filled.replaceAll(placeholder, () => bytes);
    }
    return filled === content
      ? body
      : Uint8Array.from(filled, (char) => char.charCodeAt(0));
  }

  /** What is granted the component has already. */
  #env(name: string): null {
    if (!this.#options.grants.env.includes(name)) {
      throw this.#refused("env", name);
    }
    return null;
  }

  async #read(path: string): Promise<Uint8Array> {
    this.#touch("read", path);
    const content = await this.#options.files.read(path);
    if (content.length <= FILE_BYTES_MAX) return content;
    throw new TerminalError(
      `Cannot read "${path}": it has ${content.length} bytes, the limit is ` +
        `${FILE_BYTES_MAX} bytes`,
    );
  }

  async #write(path: string, content: Uint8Array): Promise<null> {
    this.#touch("write", path);
    if (content.length > FILE_BYTES_MAX) {
      throw new TerminalError(
        `Cannot write "${path}": it has ${content.length} bytes, the limit is ` +
          `${FILE_BYTES_MAX} bytes`,
      );
    }
    await this.#options.files.write(path, content);
    return null;
  }

  #touch(capability: "read" | "write", path: string): void {
    const { grants, onUsed } = this.#options;
    if (!mayTouch(grants[capability], path)) {
      throw this.#refused(capability, path);
    }
    onUsed(capability, path);
  }

  #refused(capability: Capability, wanted: string): PermissionError {
    const { component } = this.#options;
    const error = new PermissionError({ component, capability, wanted });
    this.#options.onRefused(error);
    return error;
  }
}

/** What a header may hold: no line end, no control character. */
const HEADER_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

function text(value: unknown): string {
  if (typeof value === "string") return value;
  throw new TerminalError("Cannot do what is asked: it is no text");
}

function headersOf(value: unknown): Readonly<Record<string, string>> {
  if (!Array.isArray(value)) return {};
  return Object.fromEntries(
    value.filter((pair) => Array.isArray(pair))
      .map(([name, content]) => [String(name), String(content)]),
  );
}

function bodyOf(content: string): Uint8Array<ArrayBuffer> {
  const body = bytesOf(content);
  if (body.length <= BODY_BYTES_MAX) return body;
  throw new TerminalError(
    `Cannot send a request: its body has ${body.length} bytes, the limit is ` +
      `${BODY_BYTES_MAX} bytes`,
  );
}

function bytesOf(content: string): Uint8Array<ArrayBuffer> {
  try {
    return Uint8Array.fromBase64(content);
  } catch (cause) {
    throw new TerminalError("Cannot do what is asked: it is not base64", {
      cause,
    });
  }
}

function latin1(bytes: Uint8Array): string {
  let content = "";
  for (let i = 0; i < bytes.length; i += 8_192) {
    content += String.fromCharCode(...bytes.subarray(i, i + 8_192));
  }
  return content;
}

function hex(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
