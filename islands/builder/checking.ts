/**
 * Asks the engine what it says of the text: one question at a time, asked again
 * where no answer comes.
 *
 * @module
 */
import { signal } from "@preact/signals";
import type { Problem } from "../../engine/config/problem.ts";
import { ApiError, ask } from "../api.ts";
import { within } from "../parts/patience.ts";
import type { Sketch } from "./graph.ts";

/** What the server says of a text. */
export interface Checked {
  readonly text: string;
  readonly valid: boolean;
  readonly problems: readonly Problem[];
  readonly sketch?: Sketch;
}

/** How long a pause in typing is before the text is checked, in milliseconds. */
const AFTER_MS = 250;

/** An answer that takes longer is late, in milliseconds. */
const LATE_MS = 4_000;

/** No answer is waited for longer, in milliseconds. */
const PATIENCE_MS = 20_000;

/** How soon a question without an answer is asked again, in milliseconds. */
const AGAIN_MS = 3_000;

/** See the module comment. */
export class Checking {
  /** What was said last; it may be of an older text. */
  readonly said = signal<Checked>();
  /** What is said is waited for longer than usual. */
  readonly isLate = signal(false);
  readonly #path: string;
  #asked = new AbortController();
  #next: ReturnType<typeof setTimeout> | undefined;

  constructor(file: string) {
    this.#path = `/api/workflow/validate?file=${encodeURIComponent(file)}`;
  }

  /** Asks after a pause, unless another text comes before. */
  soon(text: string, afterMs = AFTER_MS): void {
    clearTimeout(this.#next);
    this.#next = setTimeout(() => void this.now(text), afterMs);
  }

  /** Asks for nothing any more. */
  end(): void {
    clearTimeout(this.#next);
    this.#asked.abort();
    this.#asked = new AbortController();
  }

  /** Asks at once. What was asked before need not be answered any more. */
  async now(text: string): Promise<void> {
    clearTimeout(this.#next);
    this.#asked.abort();
    const asked = this.#asked = new AbortController();
    const late = setTimeout(() => this.isLate.value = true, LATE_MS);
    try {
      const said = await within(
        PATIENCE_MS,
        (signal) =>
          ask<Omit<Checked, "text">>(this.#path, {
            ...{ method: "POST", body: text, signal },
          }),
        asked,
      );
      // Of a text with errors there may be none: what was tied stays where it is.
      const sketch = said.sketch ?? this.said.peek()?.sketch;
      this.said.value = { ...said, text, ...sketch ? { sketch } : {} };
      this.isLate.value = false;
    } catch (error) {
      if (asked !== this.#asked) return;
      if (!(error instanceof ApiError)) throw error;
      this.isLate.value = true;
      if (error.status === 0) this.soon(text, AGAIN_MS);
    } finally {
      clearTimeout(late);
    }
  }
}
