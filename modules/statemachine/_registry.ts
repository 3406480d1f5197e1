/**
 * The definitions and hooks that are in force, and what follows from them for
 * each transition. Worked out once, since it is asked for on every transition.
 *
 * @module
 */
import type { Hook } from "@engine/services/state_machines.ts";
import type { TransitionHandler } from "@engine/services/transition_handler.ts";
import { announcedTopics } from "@engine/state/announcement.ts";
import type {
  MachineDefinition,
  TransitionDefinition,
} from "@engine/state/definition.ts";

/** What follows from a transition of one definition. */
export interface TransitionPlan {
  /** The handlers of the hooks that fit, in the order of the document. */
  readonly handlers: readonly string[];
  /** Whether the transition asks for work: hooks, or what may follow by itself. */
  readonly asks: boolean;
  /** Where the transition is announced. */
  readonly topics: readonly string[];
}

interface Registration {
  readonly definitions: readonly MachineDefinition[];
  readonly hooks: readonly Hook[];
}

const NOTHING: TransitionPlan = { handlers: [], asks: false, topics: [] };

/** See the module comment. */
export class Registry {
  #registrations: readonly Registration[] = [];
  #definitions: ReadonlyMap<string, MachineDefinition> = new Map();
  #handlers: ReadonlyMap<string, TransitionHandler> = new Map();
  readonly #plans = new Map<string, Map<string, TransitionPlan>>();

  /** Of two definitions with one name the later holds. Returns what removes them. */
  add(registration: Registration): () => void {
    this.#replace([...this.#registrations, registration]);
    return () =>
      this.#replace(
        this.#registrations.filter((other) => other !== registration),
      );
  }

  definition(name: string): MachineDefinition | undefined {
    return this.#definitions.get(name);
  }

  definitions(): readonly MachineDefinition[] {
    return [...this.#definitions.values()];
  }

  handler(name: string): TransitionHandler | undefined {
    return this.#handlers.get(name);
  }

  plan(definition: MachineDefinition, transition: string): TransitionPlan {
    let plans = this.#plans.get(definition.name);
    if (plans === undefined) {
      this.#plans.set(definition.name, plans = this.#plansOf(definition));
    }
    return plans.get(transition) ?? NOTHING;
  }

  #replace(registrations: readonly Registration[]): void {
    this.#registrations = registrations;
    this.#definitions = new Map(
      registrations.flatMap(({ definitions }) =>
        definitions.map((definition) => [definition.name, definition])
      ),
    );
    this.#handlers = new Map(
      this.#hooks().map(({ handlerName, handler }) => [handlerName, handler]),
    );
    this.#plans.clear();
  }

  #hooks(): Hook[] {
    return this.#registrations.flatMap(({ hooks }) => hooks);
  }

  #plansOf(definition: MachineDefinition): Map<string, TransitionPlan> {
    const ways = Object.entries(definition.transitions);
    return new Map(ways.map(([name, way]) => {
      const handlers = this.#hooks()
        .filter((hook) => applies(hook, definition.name, name, way))
        .map(({ handlerName }) => handlerName);
      const asks = handlers.length > 0 || maySucceed(definition, way.toState);
      return [name, {
        handlers,
        asks,
        topics: announcedTopics(definition, way),
      }];
    }));
  }
}

function applies(
  hook: Hook,
  definition: string,
  transition: string,
  way: TransitionDefinition,
): boolean {
  return (hook.definition === undefined || hook.definition === definition) &&
    fits(hook.transitions, transition) &&
    fits(hook.fromStates, way.fromState) &&
    fits(hook.toStates, way.toState);
}

/** A criterion that is absent or empty fits everything. */
function fits(criterion: readonly string[] | undefined, name: string): boolean {
  return criterion === undefined || criterion.length === 0 ||
    criterion.includes(name);
}

/** Whether an automatic transition may follow in a state. */
function maySucceed(definition: MachineDefinition, state: string): boolean {
  return !definition.states[state]?.isFinal &&
    Object.values(definition.transitions)
      .some(({ autoTransform, fromState }) =>
        autoTransform && fromState === state
      );
}
