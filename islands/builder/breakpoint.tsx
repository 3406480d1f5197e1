/**
 * A breakpoint of a step: runs stop before it, for somebody to look at.
 *
 * @module
 */
import { useState } from "preact/hooks";
import { ask } from "../api.ts";
import { useResource } from "../parts/resource.ts";
import { useStore } from "./context.ts";

interface Breakpoint {
  readonly id: string;
  readonly application: string;
  readonly pipeline: string;
  readonly step: string;
  readonly condition?: string;
}

/** Where a breakpoint may be. */
interface Spot {
  readonly pipeline: string;
  /** The id of the step. */
  readonly step: string;
}

const PATH = "/api/debug/breakpoints";

export function BreakpointSwitch(spot: Spot) {
  const { own, fault, set, remove } = useBreakpoint(spot);
  const [condition, setCondition] = useState("");
  return (
    <section class="grants">
      <h3>Breakpoint</h3>
      {own === undefined
        ? (
          <>
            <input
              class="field mono"
              aria-label="Only if"
              placeholder="only if, such as input.total > 100.0"
              value={condition}
              onInput={({ currentTarget }) => setCondition(currentTarget.value)}
            />
            <button
              type="button"
              class="button"
              onClick={() => void set(condition)}
            >
              Stop runs before this step
            </button>
          </>
        )
        : (
          <div class="grant">
            <div class="names">
              <strong>Runs stop here</strong>
              {own.condition && <code>{own.condition}</code>}
              <small>They go on by themselves after ten minutes.</small>
            </div>
            <span class="grow"></span>
            <button
              type="button"
              class="link"
              onClick={() => void remove(own)}
            >
              Remove
            </button>
          </div>
        )}
      {fault && <p class="hint" role="alert">{fault}</p>}
    </section>
  );
}

/** The breakpoint of a step, if it has one, and what changes that. */
function useBreakpoint({ pipeline, step }: Spot) {
  const application = useStore().id;
  const { value, reload } = useResource<readonly Breakpoint[]>(PATH);
  const [fault, setFault] = useState<string>();
  async function change(work: () => Promise<unknown>): Promise<void> {
    try {
      await work();
      setFault(undefined);
      reload();
    } catch (error) {
      setFault(error instanceof Error ? error.message : String(error));
    }
  }
  return {
    fault,
    own: value?.find((one) =>
      one.application === application && one.pipeline === pipeline &&
      one.step === step
    ),
    set: (condition: string) =>
      change(() => {
        const only = condition === "" ? {} : { condition };
        const body = { application, pipeline, step, ...only };
        return ask(PATH, { method: "POST", body });
      }),
    remove: ({ id }: Breakpoint) =>
      change(() =>
        ask(
          `${PATH}/${encodeURIComponent(id)}?application=${
            encodeURIComponent(application)
          }`,
          { method: "DELETE" },
        )
      ),
  };
}
