/**
 * The documents that are open in this tab of the browser. Each has a store of its
 * own, which lives as long as its tab: text, history, places, choice and view stay
 * while another is shown. The address says which is shown.
 *
 * @module
 */
import { computed, signal } from "@preact/signals";
import { at } from "../api.ts";
import { draftOf, dropDraft } from "./drafts.ts";
import {
  addressOf,
  readTabs,
  type Shown,
  shownAt,
  type Tabs,
  withoutClosed,
  withShown,
} from "./open_tabs.ts";
import { BuilderStore } from "./store.ts";
import { viewText } from "./views.ts";

/** Where the tabs are kept, for when the page is loaded again. */
const KEPT = "open documents";

const NONE: Tabs = { ids: [], shown: undefined };

/** See the module comment. */
export class OpenDocuments {
  readonly #tabs = signal<Tabs>(NONE);
  readonly #stores = new Map<string, BuilderStore>();
  /** The stores whose documents were asked for. */
  readonly #begun = new WeakSet<BuilderStore>();

  /** The documents, in the order of their tabs. */
  readonly ids = computed(() => this.#tabs.value.ids);
  /** The one that is shown; absent where none is. */
  readonly shown = computed(() => {
    const { shown } = this.#tabs.value;
    return shown === undefined ? undefined : this.#store(shown);
  });

  /** @param first What is shown if the address and the last time say nothing. */
  constructor(first: string) {
    const kept = readTabs(sessionStorage.getItem(KEPT));
    const wanted = this.#here()?.id ??
      (kept === undefined ? first : kept.shown);
    const tabs = kept ?? NONE;
    this.#set(wanted ? withShown(tabs, wanted) : tabs);
    if (wanted && this.#here() === undefined) {
      history.replaceState(null, "", at(addressOf({ id: wanted })));
    }
  }

  /** Whether a text of a document would be lost if it were closed. */
  isUnsaved(id: string): boolean {
    return this.#stores.get(id)?.isDirty.value ?? draftOf(id) !== undefined;
  }

  /** Shows a document, and opens it if need be. */
  show(id: string): void {
    if (id === this.#tabs.peek().shown) return;
    this.#tellShown();
    this.#set(withShown(this.#tabs.peek(), id));
    this.#push();
  }

  /** Closes a document; what is not saved of it is dropped. */
  close(id: string): void {
    const before = this.#tabs.peek();
    this.#tellShown();
    this.#stores.get(id)?.close();
    this.#stores.delete(id);
    dropDraft(id);
    this.#set(withoutClosed(before, id));
    if (this.#tabs.peek().shown !== before.shown) this.#push();
  }

  /** Follows the ways back and forward, until the result is called. */
  follow(): () => void {
    const go = () => {
      const here = this.#here();
      const tabs = this.#tabs.peek();
      this.#set(
        here === undefined
          ? { ...tabs, shown: undefined }
          : withShown(tabs, here.id),
      );
      const store = this.shown.peek();
      if (store && here && this.#begun.has(store)) showIn(store, here);
    };
    addEventListener("popstate", go);
    return () => removeEventListener("popstate", go);
  }

  /** Reads a document that is shown for the first time. */
  async begin(store: BuilderStore): Promise<void> {
    if (this.#begun.has(store)) return;
    this.#begun.add(store);
    await this.read(store);
  }

  /** Reads a document, and shows of it what the address names. */
  async read(store: BuilderStore): Promise<void> {
    const wanted = this.#here();
    await store.open();
    if (wanted?.id === store.id) showIn(store, wanted);
  }

  /** Lets the address say what is shown of a document. */
  tell(store: BuilderStore): void {
    const address = at(addressOf(shownOf(store)));
    const isSaid = location.pathname + location.search === address;
    const isOwn = this.#here()?.id === store.id;
    if (isOwn && !isSaid) history.replaceState(null, "", address);
  }

  /** Before another is shown: the way back leads to what was seen last. */
  #tellShown(): void {
    const store = this.shown.peek();
    if (store?.saved.peek() !== undefined) this.tell(store);
  }

  /** What the address names. */
  #here(): Shown | undefined {
    return shownAt(location, at(""));
  }

  #push(): void {
    const store = this.shown.peek();
    const path = store === undefined ? "/" : addressOf(shownOf(store));
    history.pushState(null, "", at(path));
  }

  #set(tabs: Tabs): void {
    this.#tabs.value = tabs;
    sessionStorage.setItem(KEPT, JSON.stringify(tabs));
    document.title = `${tabs.shown ?? "Documents"} · Workflow`;
  }

  #store(id: string): BuilderStore {
    const known = this.#stores.get(id);
    if (known) return known;
    const store = new BuilderStore(id);
    this.#stores.set(id, store);
    return store;
  }
}

/** What is shown of a document now. */
export function shownOf({ id, view, selection }: BuilderStore): Shown {
  const [node, ...others] = selection.value;
  return {
    id,
    view: viewText(view.value),
    node: others.length === 0 ? node : undefined,
  };
}

/** Shows what an address names, unless it is shown. */
function showIn(store: BuilderStore, wanted: Shown): void {
  if (addressOf(shownOf(store)) === addressOf(wanted)) return;
  store.showNamed(wanted.view ?? null);
  if (wanted.node !== undefined) store.select([wanted.node]);
}
