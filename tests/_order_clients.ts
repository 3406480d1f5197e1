/**
 * Clients of the orders example who order without a pause, whatever happens to
 * the process behind the address, and remember what they were told.
 *
 * @module
 */

/** A JSON object. */
export type Json = Record<string, unknown>;

/** A process that takes orders, and the one that comes after it. */
class Shop {
  readonly url: string;
  readonly next = Promise.withResolvers<Shop>();

  constructor(url: string) {
    this.url = url;
  }
}

interface Answer {
  readonly status: number;
  readonly body: Json;
}

/** See the module comment. */
export class OrderClients {
  /** What was sent, by id, for each order that was answered with 201. */
  readonly acknowledged = new Map<string, Json>();
  /** The same for orders whose second attempt found the first one there. */
  readonly found = new Map<string, Json>();
  /** Answers that no client should get. */
  readonly oddities: string[] = [];
  /** Requests without an answer, since the process had died. */
  unanswered = 0;
  readonly #clients: Promise<void[]>;
  /** The shop that is open, or that the clients wait to follow. */
  #shop = new Shop("");
  #isClosed = false;
  #count = 0;
  #watchers: (() => void)[] = [];

  readonly #name: string;

  /** So many clients wait for an address, with one token; no others have their name. */
  constructor(count: number, token: string, name = "order") {
    this.#name = name;
    const first = this.#shop;
    this.#clients = Promise.all(
      Array.from({ length: count }, () => this.#order(first, token)),
    );
  }

  /** From now on clients whose request stays without an answer go here. */
  open(url: string): void {
    const shop = new Shop(url);
    this.#shop.next.resolve(shop);
    this.#shop = shop;
  }

  /** Resolves when so many more orders are acknowledged. */
  async ordered(count: number): Promise<void> {
    const wanted = this.acknowledged.size + count;
    while (this.acknowledged.size < wanted) {
      await new Promise<void>((resolve) => this.#watchers.push(resolve));
    }
  }

  /** Lets what is under way finish, and nobody orders any more. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.open("");
    await this.#clients;
  }

  async #order(first: Shop, token: string): Promise<void> {
    let shop = await first.next.promise;
    let unanswered: Json | undefined;
    while (!this.#isClosed) {
      const order = unanswered ?? this.#newOrder();
      const answer = await post(shop.url, token, order);
      if (answer === undefined) {
        this.unanswered++;
        // It may be there or not. Whoever gave it an id may ask for it again.
        unanswered = order.id === undefined ? undefined : order;
        shop = await shop.next.promise;
        continue;
      }
      this.#note(order, answer, unanswered !== undefined);
      unanswered = undefined;
    }
  }

  #note(order: Json, { status, body }: Answer, isAgain: boolean): void {
    if (status === 201) this.acknowledged.set(String(body.id), order);
    else if (status === 409 && isAgain) this.found.set(String(order.id), order);
    else this.oddities.push(`${status} ${JSON.stringify(body)}`);
    for (const resolve of this.#watchers.splice(0)) resolve();
  }

  /** Every other one has an id of its own, every fifth is not paid for. */
  #newOrder(): Json {
    const number = ++this.#count;
    return {
      ...number % 2 === 0 ? { id: `${this.#name}-${number}` } : {},
      number,
      customer: `customer ${number}`,
      items: [{ sku: `sku-${number}`, quantity: 1, price: number }],
      cardToken: `tok_${number}_${number % 5 === 0 ? "0002" : "4242"}`,
    };
  }
}

/** `undefined` if there is no answer. */
async function post(
  url: string,
  token: string,
  order: Json,
): Promise<Answer | undefined> {
  try {
    const response = await fetch(`${url}/api/orders`, {
      method: "POST",
      headers: { authorization: `Bearer ${token}` },
      body: JSON.stringify(order),
    });
    return { status: response.status, body: await response.json() };
  } catch {
    return undefined;
  }
}
