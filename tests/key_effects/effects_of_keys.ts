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
import { observe } from "./observe.ts";
import { changed, type DocumentData, placesOf } from "./places.ts";
import { refersTo, withTwins } from "./references.ts";
import { standIn } from "./stand_in.ts";
import { folderOf, type Scene } from "./scene.ts";
import { differing } from "./sightings.ts";

/** How many values are tried in one place before the key counts as idle. */
const VALUES_MAX = 6;

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
    for (const key of left) {
      const { seen, tried } = await stage.effectOf(key);
      const before = effects.get(key.path)?.tried ?? 0;
      effects.set(key.path, { key: key.path, seen, tried: tried + before });
    }
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
  #usual: Promise<ReadonlyMap<string, string>> | undefined;

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
        const seen = await this.#differences(changed(document, place, value));
        if (seen === undefined) continue;
        triedHere++;
        tried++;
        if (seen.length > 0) return { seen, tried };
      }
    }
    return { seen: [], tried };
  }

  /** Where a changed document differs each time; `undefined` if it does not load. */
  async #differences(
    document: DocumentData,
  ): Promise<readonly string[] | undefined> {
    const there = await this.#observe(document);
    if (there === undefined) return undefined;
    const usual = await (this.#usual ??= this.#seenEachTime());
    const seen = differing(usual, there)
      .filter((place) => usual.get(place) !== UNSTEADY);
    if (seen.length === 0) return seen;
    const again = await this.#observe(document);
    return seen.filter((place) => again?.get(place) === there.get(place));
  }

  /** What the unchanged document shows; what it does not show each time is marked. */
  async #seenEachTime(): Promise<ReadonlyMap<string, string>> {
    const { document } = this.#scene;
    const [first, ...others] = [
      await this.#observe(document),
      await this.#observe(document),
      await this.#observe(document),
    ];
    if (first === undefined) {
      throw new TypeError("Cannot watch a document that does not load");
    }
    const usual = new Map(first);
    for (const other of others) {
      differing(first, other ?? new Map())
        .forEach((place) => usual.set(place, UNSTEADY));
    }
    return usual;
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
