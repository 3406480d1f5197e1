/**
 * The state of the builder. The text of the document is the truth: the canvas, the
 * panels and the editor show it, and whatever they do changes it.
 *
 * @module
 */
import { batch, computed, signal } from "@preact/signals";
import {
  type Change,
  changeDocument,
  type SharedPlace,
} from "../../engine/config/change.ts";
import type { Document } from "../../engine/config/document.ts";
import { parse } from "../../engine/config/parse.ts";
import type { Path, Problem } from "../../engine/config/problem.ts";
import type { PaletteEntry } from "../../engine/derive/palette.ts";
import type { SectionForms } from "../../engine/derive/section_forms.ts";
import { ApiError, ask, send } from "../api.ts";
import type { Place } from "./arrange.ts";
import { keptFormer } from "./deployment.ts";
import { type Graph, graphOf, type Sketch } from "./graph.ts";
import { placeNotes } from "./notes.ts";
import { History } from "./undo.ts";
import { MODULES, type View, viewOf, viewsOf } from "./views.ts";

/** What the server says of a text. */
export interface Checked {
  readonly text: string;
  readonly valid: boolean;
  readonly problems: readonly Problem[];
  readonly sketch?: Sketch;
}

/** Where things are, as the sidecar has it. */
export interface Layout {
  readonly views: Readonly<Record<string, Readonly<Record<string, Place>>>>;
  readonly notes: readonly Note[];
  readonly groups: readonly unknown[];
}

/** A note that somebody has put on the canvas. */
export interface Note extends Place {
  readonly id: string;
  readonly text: string;
}

/** What is undone in one step. */
interface Moment {
  readonly text: string;
  readonly layout: Layout;
}

/** How long a pause in typing is before the text is checked, in milliseconds. */
const CHECK_AFTER_MS = 250;

/** How long after a move the places are kept, in milliseconds. */
const KEEP_LAYOUT_AFTER_MS = 600;

const NO_LAYOUT: Layout = { views: {}, notes: [], groups: [] };

/** See the module comment. */
export class BuilderStore {
  readonly id: string;
  readonly file: string;
  /** The text as it is now. */
  readonly text = signal("");
  /** The text on the disk when it was last read or written. */
  readonly saved = signal<{ readonly text: string; readonly etag: string }>();
  /** The text that the engine runs; absent if it does not run this document. */
  readonly running = signal<string>();
  /** The text that ran before the last deployment, to be put back. */
  readonly former = signal<string>();
  readonly layout = signal<Layout>(NO_LAYOUT);
  readonly palette = signal<readonly PaletteEntry[]>([]);
  readonly checked = signal<Checked>();
  /** The names of the chosen modules. */
  readonly selection = signal<ReadonlySet<string>>(new Set());
  /** The path of the chosen edge. */
  readonly edge = signal<string>();
  readonly view = signal<View>(MODULES);
  /** What is chosen beside modules: a state, a step. */
  readonly chosen = signal<Path>();
  /** How the steps of a run were at an instant, by their ids; absent: not replayed. */
  readonly replay = signal<ReadonlyMap<string, string>>();
  /** The forms of what stands beside modules. */
  readonly forms = signal<SectionForms>();
  /** The name of a module that is to be brought into view. */
  readonly sought = signal<string>();
  /** Why the document could not be opened. */
  readonly failure = signal<unknown>();
  /** A change that touches what others share, and waits for an answer. */
  readonly question = signal<Question>();
  /** Why the last attempt to save failed. */
  readonly conflict = signal<unknown>();
  readonly history = new History<Moment>(({ text }) => text.length);

  /** The text, parsed; absent while it is no document. */
  readonly parsed = computed(() => parse(this.text.value, this.file));
  /** The last text that was a document. */
  #lastGood: Document | undefined;
  readonly good = computed(() => {
    const { document } = this.parsed.value;
    this.#lastGood = document ?? this.#lastGood;
    return this.#lastGood;
  });
  /** Whether the canvas shows an older text, since the present one is broken. */
  readonly isStale = computed(() => this.parsed.value.document === undefined);
  readonly graph = computed<Graph>(() =>
    graphOf(this.good.value?.value, this.checked.value?.sketch)
  );
  /** The paths of the ties that lead into each module. */
  readonly tiesInto = computed(() => {
    const ties = new Map<string, string[]>();
    for (const { target, path } of this.graph.value.edges) {
      const paths = ties.get(target);
      if (paths) paths.push(path);
      else ties.set(target, [path]);
    }
    return ties as ReadonlyMap<string, readonly string[]>;
  });
  /** What is wrong: at once if it does not parse, else as the server says. */
  readonly problems = computed<readonly Problem[]>(() => {
    const { document, problems } = this.parsed.value;
    return document === undefined
      ? problems
      : this.checked.value?.problems ?? problems;
  });
  readonly isDirty = computed(() => this.text.value !== this.saved.value?.text);

  #checking: ReturnType<typeof setTimeout> | undefined;
  #keeping: ReturnType<typeof setTimeout> | undefined;

  constructor(id: string) {
    this.id = id;
    this.file = `${id}.yaml`;
    this.former.value = keptFormer(id);
  }

  /** Reads everything. A failure is in `failure`. */
  async open(): Promise<void> {
    try {
      const path = `/api/documents/${encodeURIComponent(this.id)}`;
      const [answer, palette, forms, layout, running] = await Promise.all([
        send(path),
        ask<readonly PaletteEntry[]>("/api/workflow/modules"),
        ask<SectionForms>("/api/workflow/forms"),
        ask<Layout>(`${path}/layout`),
        this.#runningText(),
      ]);
      const text = await answer.text();
      const draft = sessionStorage.getItem(this.#draftKey);
      batch(() => {
        this.saved.value = { text, etag: answer.headers.get("etag") ?? "" };
        this.text.value = draft ?? text;
        this.palette.value = palette;
        this.forms.value = forms;
        this.layout.value = layout;
        this.running.value = running;
        this.failure.value = undefined;
      });
      await this.check();
    } catch (error) {
      this.failure.value = error;
    }
  }

  /** The definition of a type, as the palette has it. */
  typeOf(type: string): PaletteEntry | undefined {
    return this.palette.value.find((entry) => entry.type === type);
  }

  /**
   * Changes the document. One that touches what others share asks first.
   *
   * @param key Changes of one key that follow on each other are undone as one.
   */
  change(changes: readonly Change[], label: string, key?: string): void {
    const { document } = this.parsed.value;
    if (document === undefined) return;
    const changed = changeDocument(document, changes);
    if (changed.shared !== undefined) {
      this.question.value = { shared: changed.shared, changes, label };
    } else this.setText(changed.text, label, key);
  }

  /** Puts another text in the place of the present one. */
  setText(text: string, label: string, key?: string): void {
    if (text === this.text.value) return;
    this.#remember(label, key);
    this.text.value = text;
    this.#afterText();
  }

  /** Moves things; part of the same history. */
  move(view: string, places: Readonly<Record<string, Place>>): void {
    this.#remember("Move", `move ${Object.keys(places).sort().join()}`);
    this.#place(view, places);
  }

  /** Gives things a place that they have not got; nothing to undo. */
  place(view: string, places: Readonly<Record<string, Place>>): void {
    this.#place(view, places);
  }

  /** Changes the notes; part of the same history. */
  setNotes(notes: readonly Note[], label: string, key?: string): void {
    this.#remember(label, key);
    this.#setLayout({ ...this.layout.value, notes });
  }

  undo(): void {
    this.#go(this.history.undo(this.#moment()));
  }

  redo(): void {
    this.#go(this.history.redo(this.#moment()));
  }

  select(names: Iterable<string>): void {
    this.edge.value = undefined;
    this.chosen.value = undefined;
    this.selection.value = new Set(names);
  }

  /** Asks the server what it says of the present text. */
  async check(): Promise<void> {
    const text = this.text.value;
    const path = `/api/workflow/validate?file=${encodeURIComponent(this.file)}`;
    try {
      const said = await ask<Omit<Checked, "text">>(path, {
        method: "POST",
        body: text,
      });
      // Another text is on its way to be checked.
      if (this.text.value === text) this.checked.value = { ...said, text };
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      // What was said last stays; the connection is shown elsewhere.
    }
  }

  /**
   * Writes the text to where it came from.
   *
   * @throws {ApiError} 412 if somebody else has changed it, 422 if it has errors.
   */
  async save(): Promise<void> {
    const text = this.text.value;
    const { etag = "" } = this.saved.value ?? {};
    const path = `/api/documents/${encodeURIComponent(this.id)}`;
    const answer = await send(path, {
      method: "PUT",
      body: text,
      headers: { "if-match": etag, "content-type": "application/yaml" },
    });
    this.saved.value = { text, etag: answer.headers.get("etag") ?? "" };
    this.#keepDraft();
  }

  /** Saves over what somebody else has written. */
  async overwrite(): Promise<void> {
    const path = `/api/documents/${encodeURIComponent(this.id)}`;
    const answer = await send(path);
    const text = await answer.text();
    this.saved.value = { text, etag: answer.headers.get("etag") ?? "" };
    await this.save();
  }

  /** Shows a view; the address says which. */
  show(view: View): void {
    batch(() => {
      this.view.value = view;
      this.chosen.value = view.kind === "pipeline" ? view.path : undefined;
      this.selection.value = new Set();
      this.edge.value = undefined;
    });
  }

  /** The views of the document as it is. */
  readonly views = computed(() => viewsOf(this.good.value?.value));

  /** Shows the view that an address names. */
  showNamed(name: string | null): void {
    this.show(viewOf(name, this.views.value));
  }

  /** Takes over what is on the disk, and drops what is not saved. */
  async reload(): Promise<void> {
    sessionStorage.removeItem(this.#draftKey);
    const path = `/api/documents/${encodeURIComponent(this.id)}`;
    const answer = await send(path);
    const text = await answer.text();
    this.saved.value = { text, etag: answer.headers.get("etag") ?? "" };
    this.setText(text, "Read again");
  }

  async #runningText(): Promise<string | undefined> {
    const documents = await ask<
      readonly { readonly id: string; readonly running: boolean }[]
    >("/api/documents");
    const own = documents.find(({ id }) => id === this.id);
    if (own?.running !== true) return undefined;
    const path = `/api/workflow/config?document=${encodeURIComponent(this.id)}`;
    const headers = { accept: "application/yaml" };
    return await (await send(path, { headers })).text();
  }

  #moment(): Moment {
    return { text: this.text.value, layout: this.layout.value };
  }

  #remember(label: string, key: string | undefined): void {
    this.history.remember(this.#moment(), { label, key, at: Date.now() });
  }

  #go(moment: Moment | undefined): void {
    if (moment === undefined) return;
    const isOther = moment.text !== this.text.value;
    batch(() => {
      this.text.value = moment.text;
      this.#setLayout(moment.layout);
    });
    if (isOther) this.#afterText();
  }

  #afterText(): void {
    this.#keepDraft();
    clearTimeout(this.#checking);
    this.#checking = setTimeout(() => void this.check(), CHECK_AFTER_MS);
  }

  #place(view: string, places: Readonly<Record<string, Place>>): void {
    const { views } = this.layout.value;
    const { notes, others } = placeNotes(this.layout.value.notes, places);
    this.#setLayout({
      ...this.layout.value,
      views: { ...views, [view]: { ...views[view], ...others } },
      notes,
    });
  }

  #setLayout(layout: Layout): void {
    if (layout === this.layout.value) return;
    this.layout.value = layout;
    clearTimeout(this.#keeping);
    this.#keeping = setTimeout(
      () => void this.#keepLayout(),
      KEEP_LAYOUT_AFTER_MS,
    );
  }

  async #keepLayout(): Promise<void> {
    const path = `/api/documents/${encodeURIComponent(this.id)}/layout`;
    const body = this.layout.value;
    await send(path, { method: "PUT", body }).catch((error) => {
      // Places are kept with the next move.
      if (!(error instanceof ApiError)) throw error;
    });
  }

  /** What is not saved outlives a reload of the page. */
  #keepDraft(): void {
    if (this.isDirty.value) {
      sessionStorage.setItem(this.#draftKey, this.text.value);
    } else sessionStorage.removeItem(this.#draftKey);
  }

  get #draftKey(): string {
    return `draft ${this.id}`;
  }
}

/** A change that touches what others share. */
export interface Question {
  readonly shared: SharedPlace;
  readonly changes: readonly Change[];
  readonly label: string;
}
