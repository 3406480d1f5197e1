/**
 * The state of the builder. The text of the document is the truth: the canvas, the
 * panels and the editor show it, and whatever they do changes it.
 *
 * @module
 */
import { batch, computed, type Signal, signal } from "@preact/signals";
import type { Viewport } from "@xyflow/react";
import {
  type Change,
  changeDocument,
  type SharedPlace,
} from "../../engine/config/change.ts";
import type { Document } from "../../engine/config/document.ts";
import { parse, type Parsed } from "../../engine/config/parse.ts";
import type { Path, Problem } from "../../engine/config/problem.ts";
import type { PaletteEntry } from "../../engine/derive/palette.ts";
import type { SectionForms } from "../../engine/derive/section_forms.ts";
import { ask, send } from "../api.ts";
import { within } from "../parts/patience.ts";
import type { Place } from "./arrange.ts";
import { Checking } from "./checking.ts";
import { pathOf, read, type Stored, write } from "./documents.ts";
import { keptFormer } from "./deployment.ts";
import { draftOf, dropDraft, keepDraft } from "./drafts.ts";
import { type Graph, graphOf } from "./graph.ts";
import type { Group } from "./groups.ts";
import { type Layout, LayoutKeeper, type Note } from "./layout.ts";
import { placeNotes } from "./notes.ts";
import { steadyGraph } from "./steady.ts";
import { History } from "./undo.ts";
import { MODULES, type View, viewOf, viewsOf } from "./views.ts";

/** What is undone in one step. */
interface Moment {
  readonly text: string;
  readonly layout: Layout;
}

/** How long everything that is read at first may take, in milliseconds. */
const OPEN_MS = 60_000;

/** See the module comment. */
export class BuilderStore {
  readonly id: string;
  readonly file: string;
  /** The text as it is now. */
  readonly text = signal("");
  /** The text on the disk when it was last read or written. */
  readonly saved = signal<Stored>();
  /** Whether the text is on its way to the disk. */
  readonly isSaving = signal(false);
  /** The text that the engine runs; absent if it does not run this document. */
  readonly running = signal<string>();
  /** The text that ran before the last deployment, to be put back. */
  readonly former = signal<string>();
  readonly layout: Signal<Layout>;
  readonly palette = signal<readonly PaletteEntry[]>([]);
  readonly checking: Checking;
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
  /** What was seen of each view when it was left, by its name. */
  readonly viewports = new Map<string, Viewport>();

  /** What a change has parsed already: it takes long where a text is long. */
  #changed: Parsed | undefined;
  /** The text, parsed; absent while it is no document. */
  readonly parsed = computed((): Parsed => {
    const text = this.text.value;
    return this.#changed?.document?.text === text
      ? this.#changed
      : parse(text, this.file);
  });
  /** The last text that was a document. */
  #lastGood: Document | undefined;
  readonly good = computed(() => {
    const { document } = this.parsed.value;
    this.#lastGood = document ?? this.#lastGood;
    return this.#lastGood;
  });
  /** Whether the canvas shows an older text, since the present one is broken. */
  readonly isStale = computed(() => this.parsed.value.document === undefined);
  #lastGraph: Graph | undefined;
  readonly graph = computed<Graph>(() => {
    const { sketch } = this.checking.said.value ?? {};
    const graph = graphOf(this.good.value?.value, sketch);
    this.#lastGraph = steadyGraph(this.#lastGraph, graph);
    return this.#lastGraph;
  });
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
      : this.checking.said.value?.problems ?? problems;
  });
  /** Of a document that was not read yet, a draft tells it. */
  readonly isDirty = computed(() =>
    this.saved.value === undefined
      ? draftOf(this.id) !== undefined
      : this.text.value !== this.saved.value.text
  );
  /** Whether the text is another than the one that runs, and can run. */
  readonly canDeploy = computed(() =>
    this.saved.value !== undefined && this.running.value !== this.text.value &&
    this.problems.value.every(({ severity }) => severity !== "error")
  );

  readonly #layouts: LayoutKeeper;
  #opening: AbortController | undefined;
  #saving: Promise<void> = Promise.resolve();
  #isClosed = false;

  constructor(id: string) {
    this.id = id;
    this.file = `${id}.yaml`;
    this.checking = new Checking(this.file);
    this.#layouts = new LayoutKeeper(`${pathOf(id)}/layout`);
    this.layout = this.#layouts.layout;
    this.former.value = keptFormer(id);
  }

  /** Reads everything; what was begun before is given up. A failure is in `failure`. */
  async open(): Promise<void> {
    this.#opening?.abort();
    const opening = this.#opening = new AbortController();
    this.failure.value = undefined;
    try {
      await within(OPEN_MS, (signal) => this.#read(signal), opening);
      void this.checking.now(this.text.value);
    } catch (error) {
      if (opening === this.#opening) this.failure.value = error;
    }
  }

  async #read(signal: AbortSignal): Promise<void> {
    const [disk, palette, forms, layout, running] = await Promise.all([
      read(this.id, signal),
      ask<readonly PaletteEntry[]>("/api/workflow/modules", { signal }),
      ask<SectionForms>("/api/workflow/forms", { signal }),
      ask<Layout>(`${pathOf(this.id)}/layout`, { signal }),
      this.#runningText(signal),
    ]);
    const draft = draftOf(this.id);
    // What somebody else has saved since a draft was made is not saved over.
    const base = draft?.text === disk.text ? undefined : draft?.etag;
    batch(() => {
      this.saved.value = { ...disk, etag: base || disk.etag };
      this.text.value = draft?.text ?? disk.text;
      this.palette.value = palette;
      this.forms.value = forms;
      this.layout.value = layout;
      this.running.value = running;
    });
  }

  /** Keeps the places at once, and asks for nothing any more. */
  close(): void {
    this.#isClosed = true;
    this.#opening?.abort();
    this.checking.end();
    this.#layouts.end();
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
    } else {
      this.#changed = changed.parsed;
      this.setText(changed.text, label, key);
    }
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
    this.#layouts.set({ ...this.layout.value, notes });
  }

  /** Changes the groups. @param label Absent: it is part of the step before. */
  setGroups(groups: readonly Group[], label?: string, key?: string): void {
    if (label !== undefined) this.#remember(label, key);
    this.#layouts.set({ ...this.layout.value, groups });
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

  /**
   * Writes the text to where it came from, unless it stands there already.
   *
   * @throws {ApiError} 412 if somebody else has changed it, 422 if it has errors.
   */
  save(): Promise<void> {
    // One after the other: each needs the ETag that the one before is given.
    const write = () => this.#write();
    return this.#saving = this.#saving.then(write, write);
  }

  async #write(): Promise<void> {
    if (!this.isDirty.value) return;
    const { etag = "" } = this.saved.value ?? {};
    this.isSaving.value = true;
    try {
      this.saved.value = await write(this.id, { text: this.text.value, etag });
      this.#keepDraft();
    } finally {
      this.isSaving.value = false;
    }
  }

  /** Saves over what somebody else has written. */
  async overwrite(): Promise<void> {
    this.saved.value = await read(this.id);
    await this.save();
  }

  /** Shows a view; the address says which. */
  show(view: View): void {
    batch(() => {
      this.view.value = view;
      this.chosen.value = undefined;
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
    dropDraft(this.id);
    const saved = await read(this.id);
    this.saved.value = saved;
    this.setText(saved.text, "Read again");
  }

  async #runningText(signal: AbortSignal): Promise<string | undefined> {
    const documents = await ask<
      readonly { readonly id: string; readonly running: boolean }[]
    >("/api/documents", { signal });
    const own = documents.find(({ id }) => id === this.id);
    if (own?.running !== true) return undefined;
    const path = `/api/workflow/config?document=${encodeURIComponent(this.id)}`;
    const headers = { accept: "application/yaml" };
    return await (await send(path, { headers, signal })).text();
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
      this.#layouts.set(moment.layout);
    });
    if (isOther) this.#afterText();
  }

  #afterText(): void {
    this.#keepDraft();
    this.checking.soon(this.text.value);
  }

  #place(view: string, places: Readonly<Record<string, Place>>): void {
    const { views } = this.layout.value;
    const { notes, others } = placeNotes(this.layout.value.notes, places);
    this.#layouts.set({
      ...this.layout.value,
      views: { ...views, [view]: { ...views[view], ...others } },
      notes,
    });
  }

  /** What is not saved outlives a reload of the page. */
  #keepDraft(): void {
    if (this.#isClosed) return;
    const { etag = "" } = this.saved.value ?? {};
    if (this.isDirty.value) keepDraft(this.id, { text: this.text.value, etag });
    else dropDraft(this.id);
  }
}

/** A change that touches what others share. */
export interface Question {
  readonly shared: SharedPlace;
  readonly changes: readonly Change[];
  readonly label: string;
}
