/**
 * A state machine as a diagram.
 *
 * @module
 */

/** One state. */
export interface MachineState {
  readonly name: string;
  readonly kind: "initial" | "plain" | "final" | "error";
  readonly description: string;
}

/** One transition. */
export interface MachineTransition {
  readonly name: string;
  readonly from: string;
  readonly to: string;
  /** It waits for nobody. */
  readonly isAuto: boolean;
  readonly condition: string;
}

/** What is drawn. */
export interface Machine {
  readonly states: readonly MachineState[];
  readonly transitions: readonly MachineTransition[];
}

type Plain = Readonly<Record<string, unknown>>;

/** Reads a definition; what is malformed is left out, and told as a problem. */
export function machineOf(definition: unknown): Machine {
  const { initialState, states, transitions } = plain(definition);
  return {
    states: Object.entries(plain(states)).map(([name, state]) => {
      const { isFinal, isError, description } = plain(state);
      return {
        name,
        kind: isError === true
          ? "error"
          : isFinal === true
          ? "final"
          : name === initialState
          ? "initial"
          : "plain",
        description: typeof description === "string" ? description : "",
      };
    }),
    transitions: Object.entries(plain(transitions)).map(
      ([name, transition]) => {
        const { fromState, toState, autoTransform, condition } = plain(
          transition,
        );
        return {
          name,
          from: String(fromState ?? ""),
          to: String(toState ?? ""),
          isAuto: autoTransform === true,
          condition: typeof condition === "string" ? condition : "",
        };
      },
    ),
  };
}

function plain(value: unknown): Plain {
  return value !== null && typeof value === "object" ? value as Plain : {};
}
