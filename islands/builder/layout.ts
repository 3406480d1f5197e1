/**
 * Where things stand on the canvas: kept beside the document, a moment after
 * something was moved.
 *
 * @module
 */
import { signal } from "@preact/signals";
import { ApiError, send } from "../api.ts";
import type { Place } from "./arrange.ts";
import type { Group } from "./groups.ts";

/** Where things are, as the sidecar has it. */
export interface Layout {
  readonly views: Readonly<Record<string, Readonly<Record<string, Place>>>>;
  readonly notes: readonly Note[];
  readonly groups: readonly Group[];
}

/** A note that somebody has put on the canvas. */
export interface Note extends Place {
  readonly id: string;
  readonly text: string;
}

/** How long after a move the places are kept, in milliseconds. */
const KEEP_AFTER_MS = 600;

const NOTHING: Layout = { views: {}, notes: [], groups: [] };

/** See the module comment. */
export class LayoutKeeper {
  readonly layout = signal<Layout>(NOTHING);
  readonly #path: string;
  #keeping: ReturnType<typeof setTimeout> | undefined;

  /** @param path Where the API has the layout. */
  constructor(path: string) {
    this.#path = path;
  }

  set(layout: Layout): void {
    if (layout === this.layout.value) return;
    this.layout.value = layout;
    clearTimeout(this.#keeping);
    this.#keeping = setTimeout(() => void this.#keep(), KEEP_AFTER_MS);
  }

  /** Keeps at once what is not kept yet. */
  end(): void {
    if (this.#keeping === undefined) return;
    clearTimeout(this.#keeping);
    void this.#keep();
  }

  async #keep(): Promise<void> {
    this.#keeping = undefined;
    const body = this.layout.value;
    await send(this.#path, { method: "PUT", body }).catch((error) => {
      // Places are kept with the next move.
      if (!(error instanceof ApiError)) throw error;
    });
  }
}
