/**
 * What other nodes ask of this one. A row goes once its request is done, so a
 * request may be met twice; the entry that it leads to names it, and a second one
 * is not written.
 *
 * @module
 */
import { messageOf, RefusedError } from "../errors.ts";
import type { Key, Store } from "../store/store.ts";
import type { Refusal, Request } from "./elsewhere.ts";
import type { Membership } from "./nodes.ts";
import { INBOX, REFUSALS } from "./places.ts";

/** How long a refusal is kept for whoever asked, in milliseconds. */
const REFUSAL_MS = 60_000;

/** What an inbox needs. */
export interface InboxOptions {
  readonly store: Store;
  readonly node: Membership;
  /**
   * Does what was asked of a stream, this node's own or one that it has adopted;
   * harmless if it is done by now.
   */
  readonly act: (
    request: Request,
    from: { readonly id: string; readonly stream: number },
  ) => Promise<void>;
  readonly onError: (message: string) => void;
}

/** See the module comment. */
export class Inbox {
  readonly #options: InboxOptions;
  readonly #underWay = new Set<string>();
  /** Inboxes of adopted nodes that were empty: nobody can write there any more. */
  readonly #empty = new Set<number>();
  #isClosed = false;

  constructor(options: InboxOptions) {
    this.#options = options;
  }

  close(): void {
    this.#isClosed = true;
  }

  /** Does what is in the inboxes of streams. */
  async look(streams: readonly number[]): Promise<void> {
    const { store, node, onError } = this.#options;
    try {
      for (const epoch of streams) {
        if (this.#empty.has(epoch)) continue;
        let count = 0;
        for await (
          const { key, value } of store.list({ prefix: [...INBOX, epoch] })
        ) {
          count++;
          void this.#meet(key, value as unknown as Request);
        }
        if (count === 0 && epoch !== node.epoch) this.#empty.add(epoch);
      }
    } catch (error) {
      if (this.#isClosed) return;
      onError(`Cannot read what other nodes ask: ${messageOf(error)}`);
    }
  }

  async #meet(key: Key, request: Request): Promise<void> {
    const id = String(key.at(-1));
    if (this.#isClosed || this.#underWay.has(id)) return;
    this.#underWay.add(id);
    const { store, node: { fence }, act, onError } = this.#options;
    try {
      const refusal = await act(request, { id, stream: Number(key.at(-2)) })
        .then(() => undefined, refusalOf);
      const sets = refusal === undefined ? [] : [{
        key: [...REFUSALS, id],
        value: refusal,
        expireInMs: REFUSAL_MS,
      }];
      await store.commit({ checks: [fence], sets, deletes: [key] });
    } catch (error) {
      // The next look meets it again.
      if (this.#isClosed) return;
      onError(`Cannot do what another node asks: ${messageOf(error)}`);
    } finally {
      this.#underWay.delete(id);
    }
  }
}

/** What is refused for good; everything else may work later. */
function refusalOf(error: unknown): Refusal {
  const message = messageOf(error);
  if (error instanceof RefusedError) return { code: error.code, message };
  if (error instanceof RangeError || error instanceof TypeError) {
    return { code: "invalid-input", message };
  }
  throw error;
}
