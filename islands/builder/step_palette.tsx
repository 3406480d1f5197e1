/**
 * What a step can be: it comes behind the one that is chosen.
 *
 * @module
 */
import { useState } from "preact/hooks";
import { Icon, type IconName } from "../icons.tsx";
import { useOneStop } from "../parts/one_stop.ts";
import { useStore } from "./context.ts";
import { isStepPath } from "./fields_at.ts";
import { stepIcon } from "./step_icons.ts";
import { stepsOf } from "./steps.ts";
import { type PartView, valueAt } from "./views.ts";

/** Something that a step can be. */
interface Kind {
  readonly name: string;
  readonly summary: string;
  readonly icon: IconName;
  /** The step without its id. */
  readonly step: Readonly<Record<string, unknown>>;
}

const BLOCKS: readonly Kind[] = [
  {
    name: "Parallel",
    summary: "Several branches at once",
    icon: "route",
    step: { parallel: { left: [], right: [] } },
  },
  {
    name: "Switch",
    summary: "One of several branches",
    icon: "route",
    step: { switch: [{ when: "true", steps: [] }] },
  },
  {
    name: "Wait for a time",
    summary: "Goes on later",
    icon: "clock",
    step: { wait: { for: "10s" } },
  },
  {
    name: "Wait for a signal",
    summary: "Goes on when somebody says so",
    icon: "message",
    step: { wait: { signal: "go" } },
  },
  {
    name: "Ask for approval",
    summary: "Goes on when somebody has decided",
    icon: "check",
    step: { wait: { approval: { title: "May it go on?" } } },
  },
];

export function StepPalette(
  { view }: { readonly view: PartView },
) {
  const [search, setSearch] = useState("");
  const groups = useKinds().map(({ title, kinds }) => ({
    title,
    kinds: kinds.filter(({ name, summary }) =>
      `${name} ${summary}`.toLowerCase().includes(search.toLowerCase())
    ),
  })).filter(({ kinds }) => kinds.length > 0);
  const add = useAddStep(view);
  const stop = useOneStop(".item");
  return (
    <aside class="palette" aria-label="Steps to add">
      <label class="search">
        <Icon name="search" size={14} />
        <span class="hidden">Add a step</span>
        <input
          type="search"
          placeholder="Add a step"
          value={search}
          onInput={({ currentTarget }) => setSearch(currentTarget.value)}
          onKeyDown={({ key }) => {
            const first = groups[0]?.kinds[0];
            if (key === "Enter" && first) add(first);
          }}
        />
        <kbd>A</kbd>
      </label>
      <div
        role="toolbar"
        aria-orientation="vertical"
        aria-label="Steps by kind"
        {...stop}
      >
        {groups.map(({ title, kinds }) => (
          <section key={title}>
            <h3>
              {title} <span>{kinds.length}</span>
            </h3>
            <ul>
              {kinds.map((kind) => (
                <li key={kind.name}>
                  <button
                    type="button"
                    class="item"
                    tabIndex={-1}
                    data-hue="code"
                    title={kind.summary}
                    onClick={() => add(kind)}
                  >
                    <span class="tile">
                      <Icon name={kind.icon} size={14} />
                    </span>
                    <span class="name">{kind.name}</span>
                  </button>
                </li>
              ))}
            </ul>
          </section>
        ))}
      </div>
    </aside>
  );
}

/** Adds a step behind the chosen one, else at the end, and chooses it. */
function useAddStep({ path }: PartView): (kind: Kind) => void {
  const store = useStore();
  return ({ step }) => {
    const whole = store.good.value?.value;
    const { steps } = stepsOf(valueAt(whole, path), path);
    const what = String(step.use ?? Object.keys(step)[0]);
    const id = fresh(
      what.split(/[.:]/).at(-1) ?? "step",
      steps.map(({ name }) => name),
    );
    const chosen = store.chosen.value;
    const isBehind = chosen !== undefined && isStepPath(chosen);
    const list = isBehind ? chosen.slice(0, -1) : [...path, "steps"];
    const present = valueAt(whole, list);
    const length = Array.isArray(present) ? present.length : 0;
    const index = isBehind ? Number(chosen.at(-1)) + 1 : length;
    const value = { id, ...step };
    store.change([
      length > 0
        ? { do: "insert", path: list, index, value }
        : { do: "set", path: list, value: [value] },
    ], `Add ${id}`);
    store.chosen.value = [...list, index];
  };
}

function useKinds(): readonly {
  readonly title: string;
  readonly kinds: readonly Kind[];
}[] {
  const store = useStore();
  const { modules } = store.graph.value;
  const types = Object.entries(store.forms.value?.steps ?? {});
  return [
    { title: "Flow", kinds: BLOCKS },
    {
      title: "Steps",
      kinds: types.map(([use, { summary }]) => ({
        ...{ name: use, summary, icon: stepIcon(use), step: { use } },
      })),
    },
    {
      title: "Components",
      kinds: modules.filter(({ type }) => type === "dynamic.component")
        .map(({ name }) => ({
          name,
          summary: `Calls the component ${name}`,
          icon: "code",
          step: { use: `component:${name}` },
        })),
    },
  ];
}

function fresh(base: string, taken: readonly string[]): string {
  if (!taken.includes(base)) return base;
  for (let number = 2;; number++) {
    const name = `${base}_${number}`;
    if (!taken.includes(name)) return name;
  }
}
