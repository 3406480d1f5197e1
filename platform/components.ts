/**
 * Components that people send over the API, beside those of a document.
 *
 * @module
 */
import {
  type Application,
  type Engine,
  type JsonValue,
  RefusedError,
  UserCode,
} from "../engine/mod.ts";

/** What somebody sends. */
export interface SentComponent {
  readonly id: string;
  /** The text of its file. */
  readonly source: string;
  /** As `dynamic.component` has it. */
  readonly config: Readonly<Record<string, JsonValue | undefined>>;
}

/** A component of a running document. */
export interface FoundComponent {
  readonly id: string;
  readonly application: Application;
  readonly code: UserCode;
}

/** An id becomes the name of a module and a part of a path. */
const ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/;

/** See the module comment. */
export class Components {
  readonly #engine: Engine;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /** All of them. @param application Of one document only. */
  list(application?: string): readonly FoundComponent[] {
    return this.#engine.applications
      .filter(({ id }) => application === undefined || id === application)
      .flatMap((application) =>
        application.all(UserCode).map(({ name, service }) => ({
          ...{ id: name, application, code: service },
        }))
      );
  }

  /**
   * One by its id.
   *
   * @throws {RefusedError} `conflict` if several documents have one.
   */
  find(id: string, application?: string): FoundComponent | undefined {
    const found = this.list(application).filter((each) => each.id === id);
    if (found.length < 2) return found[0];
    const names = found.map(({ application }) => application.id).join(", ");
    throw new RefusedError(
      "conflict",
      `Several documents have a component "${id}": say which with ` +
        `?application= (${names})`,
    );
  }

  /**
   * Adds a component to a document, for good. If the process dies before this
   * resolves, a component without code may be left: send it again, or remove it.
   *
   * @param application By default the only document that runs.
   * @throws {RefusedError} `already-exists`; `invalid-input` if the id or the code
   * cannot be used: nothing is added; `conflict` if several documents run.
   * @throws {ConfigError} The config cannot be used.
   */
  async add(
    { id, source, config }: SentComponent,
    application?: string,
  ): Promise<FoundComponent> {
    if (!ID.test(id)) {
      throw new RefusedError(
        "invalid-input",
        `Cannot call a component "${id}": an id is made of up to 128 letters, ` +
          "digits, dots, dashes and underscores",
      );
    }
    const document = application ?? this.#onlyDocument();
    const module = { name: id, type: "dynamic.component", config };
    await this.#engine.add(document, module);
    try {
      const found = this.find(id, document);
      if (found === undefined) {
        throw new RefusedError("not-found", `"${id}" is gone again`);
      }
      // What one of this name has left does not come back.
      await found.code.forget();
      await found.code.replace(source);
      return found;
    } catch (error) {
      await this.#engine.remove(document, id);
      throw error;
    }
  }

  /**
   * Removes a component that was added.
   *
   * @throws {RefusedError} `wrong-state` if it stands in the document.
   * @throws {ConfigError} The document cannot run without it.
   */
  async remove({ id, application, code }: FoundComponent): Promise<void> {
    const added = await this.#engine.added(application.id);
    if (!added.some(({ name }) => name === id)) {
      throw new RefusedError(
        "wrong-state",
        `"${id}" belongs to the document ${application.id}: remove it there`,
      );
    }
    await this.#engine.remove(application.id, id);
    await code.forget();
  }

  #onlyDocument(): string {
    const ids = this.#engine.applications.map(({ id }) => id);
    const [only] = ids;
    if (only !== undefined && ids.length === 1) return only;
    throw new RefusedError(
      "conflict",
      ids.length === 0
        ? "No document is running"
        : "Several documents are running: say which with " +
          `?application= (${ids.join(", ")})`,
    );
  }
}
