/**
 * Clients that begin runs without a pause, each with an idempotency key, whatever
 * happens to the process behind the address, and follow them to their ends.
 *
 * @module
 */

/** The paths of the routes that begin runs. */
const PATHS = ["/work", "/work", "/undo", "/quick"];

/** Runs that a client follows at a time. */
const FOLLOWED_MAX = 6;

/** A process that takes runs, and the one that comes after it. */
class Place {
  readonly url: string;
  readonly next = Promise.withResolvers<Place>();

  constructor(url: string) {
    this.url = url;
  }
}

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Readonly<Record<string, unknown>>;
}

/** A run that was acknowledged. */
export interface Acknowledged {
  readonly id: string;
  readonly path: string;
  readonly number: number;
}

/** See the module comment. */
export class RunClients {
  /** Every run that was answered for, by its idempotency key. */
  readonly acknowledged = new Map<string, Acknowledged>();
  /** Answers that no client should get. */
  readonly oddities: string[] = [];
  /** Requests without an answer, since the process had died. */
  unanswered = 0;
  readonly #clients: Promise<void[]>;
  #place = new Place("");
  #isClosed = false;
  #count = 0;

  constructor(count: number) {
    const first = this.#place;
    this.#clients = Promise.all(
      Array.from({ length: count }, () => this.#work(first)),
    );
  }

  /** From now on clients whose request stays without an answer go here. */
  open(url: string): void {
    const place = new Place(url);
    this.#place.next.resolve(place);
    this.#place = place;
  }

  /** Begins nothing more; resolves when every run that is followed is over. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#clients;
  }

  async #work(first: Place): Promise<void> {
    let place = await first.next.promise;
    const ask = async (path: string, init: RequestInit): Promise<Answer> => {
      while (true) {
        const answer = await request(`${place.url}${path}`, init);
        if (answer !== undefined) return answer;
        this.unanswered++;
        place = await place.next.promise;
      }
    };
    const followed: Acknowledged[] = [];
    while (!this.#isClosed || followed.length > 0) {
      if (!this.#isClosed && followed.length < FOLLOWED_MAX) {
        const run = await this.#begin(++this.#count, ask);
        if (run !== undefined) followed.push(run);
      } else {
        const run = followed.shift();
        if (run && !await this.#isOver(run, ask)) followed.push(run);
      }
    }
  }

  /** Begins a run; every fifth is begun twice, which must make no other. */
  async #begin(number: number, ask: Ask): Promise<Acknowledged | undefined> {
    const path = PATHS[number % PATHS.length] ?? "";
    const key = `key-${number}`;
    const init = {
      method: "POST",
      headers: { "content-type": "application/json", "idempotency-key": key },
      body: JSON.stringify({ number }),
    };
    const answer = await ask(path, init);
    const id = answer.headers.get("x-run-id");
    const wanted = path === "/quick" ? 200 : 202;
    if (answer.status !== wanted || id === null) {
      this.#odd(`POST ${path}`, answer);
      return undefined;
    }
    const run = { id, path, number };
    this.acknowledged.set(key, run);
    if (number % 5 === 0) {
      const again = await ask(path, init);
      if (again.headers.get("x-run-id") !== id) this.#odd(`again ${id}`, again);
    }
    return run;
  }

  async #isOver({ id, path }: Acknowledged, ask: Ask): Promise<boolean> {
    const answer = await ask(`${path}/runs/${id}`, {});
    if (answer.status !== 200) this.#odd(`GET ${path}/runs/${id}`, answer);
    const { status } = answer.body;
    return !["pending", "running", "waiting"].includes(String(status));
  }

  #odd(what: string, { status, body }: Answer): void {
    this.oddities.push(`${what}: ${status} ${JSON.stringify(body)}`);
  }
}

type Ask = (path: string, init: RequestInit) => Promise<Answer>;

/** `undefined` if there is no answer. */
async function request(
  url: string,
  init: RequestInit,
): Promise<Answer | undefined> {
  try {
    const response = await fetch(url, init);
    const { status, headers } = response;
    const text = await response.text();
    return { status, headers, body: asBody(text) };
  } catch {
    return undefined;
  }
}

/** What is no JSON is an answer too, and not that of a process that has died. */
function asBody(text: string): Answer["body"] {
  try {
    const body = JSON.parse(text);
    return typeof body === "object" && body !== null ? body : { body };
  } catch {
    return { text };
  }
}
