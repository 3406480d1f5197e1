/**
 * Asks the management API with the session of the page.
 *
 * @module
 */

const { base = "", csrf = "" } = document.documentElement.dataset;

/** Aborted when the page is left: nothing is asked from then on. */
const leaving = new AbortController();

/** The path of a page or of the API, wherever the surface is mounted. */
export function at(path: string): string {
  return base + path;
}

/** An answer that says what is wrong. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  /** 0 if nobody answered. */
  readonly status: number;
  /** The members of the problem. */
  readonly problem: Readonly<Record<string, unknown>>;

  constructor(
    message: string,
    status: number,
    options: ErrorOptions & {
      readonly problem?: Readonly<Record<string, unknown>>;
    } = {},
  ) {
    super(message, options);
    this.status = status;
    this.problem = options.problem ?? {};
  }
}

/** What goes with a question. */
export interface Ask {
  readonly method?: "GET" | "POST" | "PUT" | "DELETE";
  /** JSON, unless it is a string. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

/**
 * Never answers once the page is being left.
 *
 * @throws {ApiError} with the words of the problem that was answered.
 */
export async function send(path: string, ask: Ask = {}): Promise<Response> {
  const { method = "GET", body, headers = {}, signal = leaving.signal } = ask;
  const isText = typeof body === "string";
  let answer: Response;
  try {
    answer = await fetch(at(path), {
      method,
      headers: {
        "x-workflow-csrf": csrf,
        ...body === undefined || isText
          ? {}
          : { "content-type": "application/json" },
        ...headers,
      },
      ...body === undefined
        ? {}
        : { body: isText ? body : JSON.stringify(body) },
      signal: AbortSignal.any([signal, leaving.signal]),
    });
  } catch (error) {
    if (leaving.signal.aborted) return await new Promise<never>(() => {});
    if (signal.aborted) throw error;
    throw new ApiError("The engine does not answer", 0, { cause: error });
  }
  if (answer.ok) return answer;
  const problem = await answer.json().catch(() => ({}));
  if (answer.status === 401) location.assign(at("/sign-in"));
  throw new ApiError(
    String(problem.detail ?? `The engine answers ${answer.status}`),
    answer.status,
    { problem },
  );
}

/** The JSON of an answer. @throws {ApiError} */
export async function ask<T>(path: string, options: Ask = {}): Promise<T> {
  const answer = await send(path, options);
  return answer.status === 204 ? undefined as T : await answer.json();
}

/** Those that are open. */
const streams = new Set<EventSource>();

class Stream extends EventSource {
  override close(): void {
    streams.delete(this);
    super.close();
  }
}

/** Listens to events, until it is closed or the page is left. */
export function listenTo(path: string): EventSource {
  const stream = new Stream(at(path));
  streams.add(stream);
  // Closed at once, it asks nothing.
  if (leaving.signal.aborted) stream.close();
  return stream;
}

/** Ends the session. Before that everything that the page asks for ends. */
export async function signOut(): Promise<void> {
  leaving.abort();
  for (const stream of streams) stream.close();
  const answer = await fetch(at("/sign-out"), {
    method: "POST",
    headers: { "x-workflow-csrf": csrf },
  });
  if (answer.ok) location.assign(at("/sign-in"));
  else location.reload();
}
