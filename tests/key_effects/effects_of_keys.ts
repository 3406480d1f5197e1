/**
 * Which keys of a type have no effect that can be seen: each is changed in the
 * documents of the type, and the application watched.
 *
 * @module
 */
import { createCatalog } from "../../engine/catalog.ts";
import type { Path } from "../../engine/config/problem.ts";
import { valueAt } from "../../engine/config/value_path.ts";
import type { AnyDefinition } from "../../engine/define.ts";
import { load } from "../../engine/mod.ts";
import type { PlanEdge } from "../../engine/plan.ts";
import { alternatives } from "./alternatives.ts";
import { type ConfigKey, configKeys } from "./config_keys.ts";
import { NO_START, observe } from "./observe.ts";
import { changed, type DocumentData, placesOf } from "./places.ts";
import { refersTo, withTwins } from "./references.ts";
import { standIn } from "./stand_in.ts";
import { folderOf, type Scene } from "./scene.ts";
import { differing } from "./sightings.ts";

/** How many values are tried in one place before the key counts as idle. */
const VALUES_MAX = 4;

/** How many applications run at a time. */
const AT_ONCE = 8;

/** What was found of one key. */
export interface KeyEffect {
  readonly key: string;
  /** Where a difference was seen; empty if none was. */
  readonly seen: readonly string[];
  /** How many changed documents were tried. */
  readonly tried: number;
}

/** Tries keys of a definition until each has shown an effect, or none does. */
export async function effectsOfKeys(
  definition: AnyDefinition,
  { scenes, definitions, except = () => false }: {
    readonly scenes: readonly Scene[];
    readonly definitions: readonly AnyDefinition[];
    /** Keys that are not tried. */
    readonly except?: (key: string) => boolean;
  },
): Promise<readonly KeyEffect[]> {
  const effects = new Map<string, KeyEffect>();
  const keys = configKeys(definition).filter(({ path }) => !except(path));
  for (const scene of scenes) {
    const left = keys.filter(({ path }) => !effects.get(path)?.seen.length);
    if (left.length === 0) break;
    await using folder = await folderOf(scene);
    const stage = new Stage(definition, scene, folder.path, [
      ...definitions,
      standIn,
    ]);
    // They mostly wait, so several may do so at a time.
    const waiting = left.values();
    await Promise.all(Array.from({ length: AT_ONCE }, async () => {
      for (const { path, schemas } of waiting) {
        const { seen, tried } = await stage.effectOf({ path, schemas });
        const before = effects.get(path)?.tried ?? 0;
        effects.set(path, { key: path, seen, tried: tried + before });
      }
    }));
  }
  return keys.map(({ path }) =>
    effects.get(path) ?? { key: path, seen: [], tried: 0 }
  );
}

/** One scene of one type. */
class Stage {
  readonly #definition: AnyDefinition;
  readonly #scene: Scene;
  readonly #folder: string;
  readonly #definitions: readonly AnyDefinition[];
  #usual: Promise<readonly ReadonlyMap<string, string>[]> | undefined;

  constructor(
    definition: AnyDefinition,
    scene: Scene,
    folder: string,
    definitions: readonly AnyDefinition[],
  ) {
    this.#definition = definition;
    this.#scene = scene;
    this.#folder = folder;
    this.#definitions = definitions;
  }

  async effectOf(
    { path, schemas }: ConfigKey,
  ): Promise<{ readonly seen: readonly string[]; readonly tried: number }> {
    const { document, values } = this.#scene;
    let tried = 0;
    for (const place of placesOf(document, this.#definition, path)) {
      const services = schemas.flatMap(refersTo);
      if (services.length > 0) {
        const seen = this.#movedEdges(place, schemas.some(isList), services);
        if (seen.length > 0) return { seen, tried: tried + 1 };
      }
      const others = [
        ...values?.[path] ?? [],
        ...alternatives(schemas, valueAt(document, place), document),
      ];
      let triedHere = 0;
      for (const value of others) {
        if (triedHere === VALUES_MAX) break;
        const other = changed(document, place, value);
        if (!this.#mayLoad(other, place)) continue;
        const seen = await this.#differences(other);
        if (seen === undefined) continue;
        triedHere++;
        tried++;
        if (seen.length > 0) return { seen, tried };
      }
    }
    return { seen: [], tried };
  }

  /** Most values that do not fit can be told without the rest of the document. */
  #mayLoad(document: DocumentData, place: Path): boolean {
    const { config, kind } = this.#definition;
    if (kind === "step") return true;
    const root = place.slice(0, kind === "module" ? 3 : 2);
    const isValid = (whole: DocumentData) =>
      config.safeParse(valueAt(whole, root) ?? {}).success;
    return isValid(document) || !isValid(this.#scene.document);
  }

  /** Where a changed document differs each time; `undefined` if it does not load. */
  async #differences(
    document: DocumentData,
  ): Promise<readonly string[] | undefined> {
    const once = await this.#compare(document);
    if (once === undefined || once.size === 0) return once && [];
    const twice = await this.#compare(document);
    return [...once].filter(([place, text]) => twice?.get(place) === text)
      .map(([place]) => place);
  }

  /** What a changed document shows otherwise, in the first act in which it does. */
  async #compare(
    document: DocumentData,
  ): Promise<ReadonlyMap<string, string> | undefined> {
    let act = 0;
    for await (const there of this.#observe(document)) {
      const usual = await (this.#usual ??= this.#seenEachTime());
      const before = usual[act] ?? new Map();
      const seen = differing(before, there)
        .filter((place) => before.get(place) !== UNSTEADY);
      if (seen.length > 0) {
        return new Map(seen.map((place) => [place, there.get(place) ?? ""]));
      }
      act++;
    }
    return act === 0 ? undefined : new Map();
  }

  /** What the unchanged document shows; what it does not show each time is marked. */
  async #seenEachTime(): Promise<readonly ReadonlyMap<string, string>[]> {
    const { document, name } = this.#scene;
    const first = await Array.fromAsync(this.#observe(document));
    const second = await Array.fromAsync(this.#observe(document));
    const failure = first.length === 0
      ? "it does not load"
      : first[0]?.get(NO_START);
    if (failure !== undefined) {
      throw new TypeError(`Cannot watch ${name}: ${failure}`);
    }
    return first.map((seen, act) => {
      const usual = new Map(seen);
      differing(seen, second[act] ?? new Map())
        .forEach((place) => usual.set(place, UNSTEADY));
      return usual;
    });
  }

  #observe(document: DocumentData) {
    return observe({
      document,
      scene: this.#scene,
      folder: this.#folder,
      definitions: this.#definitions,
    });
  }

  /** The edges that a reference moves from one module to its twin. */
  #movedEdges(
    place: Path,
    isList: boolean,
    services: readonly string[],
  ): readonly string[] {
    const catalog = createCatalog(this.#definitions);
    for (
      const { document, name, twin } of withTwins(
        this.#scene.document,
        services,
        catalog,
      )
    ) {
      const written = (to: string) =>
        changed(document, place, isList ? [to] : to);
      const edges = [written(name), written(twin)].map((document) =>
        load(JSON.stringify(document), {
          ...{ catalog, file: "test.yaml", strict: true },
          sources: { env: () => undefined, secrets: new Map() },
        }).plan?.edges.map(edgeText)
      );
      const [one, other] = edges;
      const moved = other?.filter((edge) => !one?.includes(edge)) ?? [];
      if (one !== undefined && moved.length > 0) return moved;
    }
    return [];
  }
}

/** Stands for what is not the same each time. */
const UNSTEADY = "not the same each time";

function isList({ type }: { readonly type?: unknown }): boolean {
  return type === "array";
}

function edgeText({ source, target, kind }: PlanEdge): string {
  return `the edge ${kind} from ${source} to ${target}`;
}
