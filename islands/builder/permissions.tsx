/**
 * What a component may do, in sentences, with what it did: granted and used,
 * granted and not used, refused.
 *
 * @module
 */
import { Icon } from "../icons.tsx";
import { useResource } from "../parts/resource.ts";
import { Loading } from "../parts/states.tsx";
import { at } from "../api.ts";
import { useStore } from "./context.ts";
import type { GraphModule } from "./graph.ts";

type Counted = Readonly<Record<string, Readonly<Record<string, number>>>>;

interface Counts {
  readonly used: Counted;
  readonly refused: Counted;
}

/** How each capability is said. */
const VERBS: Readonly<Record<string, string>> = {
  net: "May reach",
  read: "May read",
  write: "May write",
  env: "May see",
};

const NOTHING: Counts = { used: {}, refused: {} };

/** The grants of a component, by capability. */
type Grants = Readonly<Record<string, readonly string[]>>;

export function Permissions({ module }: { readonly module: GraphModule }) {
  const store = useStore();
  const { name, config } = module;
  const id = encodeURIComponent(name);
  const path = `/api/dynamic/components/${id}/metrics?application=${store.id}`;
  const { value, isLoading } = useResource<Counts>(path, 5_000);
  const { used, refused } = value ?? NOTHING;
  const granted = (config.permissions ?? {}) as Grants;
  const change = useGrantChange(module, granted);
  if (isLoading && value === undefined) {
    return <Loading name="Permissions" rows={3} />;
  }
  return (
    <div class="form">
      <Trust isolation={config.isolation} granted={granted} />
      {Object.entries(VERBS).map(([capability, verb]) => {
        const names = granted[capability] ?? [];
        return names.length > 0 && (
          <section key={capability} class="grants">
            <h3>{verb}</h3>
            {names.map((what) => (
              <Grant
                key={what}
                what={what}
                evidence={evidenceOf(used[capability], what)}
                action="Take back"
                onAct={() => change(capability, what, false)}
              />
            ))}
          </section>
        );
      })}
      <Refusals
        refused={refused}
        granted={granted}
        onGrant={(capability, what) => change(capability, what, true)}
      />
      <a class="button" href={at(`/components/${id}`)}>
        <Icon name="code" /> Open the code
      </a>
    </div>
  );
}

/** Grants something, or takes it back. */
function useGrantChange({ name, index }: GraphModule, granted: Grants) {
  const store = useStore();
  return (capability: string, what: string, isGranted: boolean): void => {
    if (index === undefined) return;
    const others = (granted[capability] ?? []).filter((one) => one !== what);
    store.change([{
      do: "set",
      path: ["modules", index, "config", "permissions", capability],
      value: isGranted ? [...others, what] : others,
    }], isGranted ? `Grant ${what} to ${name}` : `Take ${what} from ${name}`);
  };
}

/** What holds beside the grants. */
function Trust(
  { isolation, granted }: {
    readonly isolation: unknown;
    readonly granted: Grants;
  },
) {
  if (isolation === "none") {
    return (
      <p class="notice fail">
        It runs without a sandbox: it may do all that the engine may.
      </p>
    );
  }
  const isEmpty = Object.values(granted).every(({ length }) => length === 0);
  return isEmpty
    ? (
      <p class="quiet">
        It may compute, and nothing else: no network, no files, no environment.
      </p>
    )
    : null;
}

function Refusals(
  { refused, granted, onGrant }: {
    readonly refused: Counted;
    readonly granted: Grants;
    readonly onGrant: (capability: string, what: string) => void;
  },
) {
  const all = Object.entries(refused).flatMap(([capability, names]) =>
    Object.entries(names)
      .filter(([what]) => !granted[capability]?.includes(what))
      .map(([what, count]) => ({ capability, what, count }))
  );
  if (all.length === 0) return null;
  return (
    <section class="grants">
      <h3>Refused</h3>
      {all.map(({ capability, what, count }) => (
        <Grant
          key={`${capability} ${what}`}
          what={what}
          evidence={`${capability}: refused ${times(count)}`}
          action="Grant"
          isRefused
          onAct={() => onGrant(capability, what)}
        />
      ))}
    </section>
  );
}

function Grant(
  { what, evidence, action, isRefused = false, onAct }: {
    readonly what: string;
    readonly evidence: string;
    readonly action: string;
    readonly isRefused?: boolean;
    readonly onAct: () => void;
  },
) {
  return (
    <div class={`grant ${isRefused ? "refused" : ""}`}>
      <Icon name="lock" />
      <div class="names">
        <code>{what}</code>
        <small>{evidence}</small>
      </div>
      <span class="grow"></span>
      <button type="button" class="link" onClick={onAct}>{action}</button>
    </div>
  );
}

function evidenceOf(
  used: Readonly<Record<string, number>> | undefined,
  what: string,
): string {
  const count = Object.entries(used ?? {})
    .filter(([name]) => name === what || name.startsWith(what))
    .reduce((sum, [, each]) => sum + each, 0);
  return count === 0 ? "Granted, not used yet" : `Used ${times(count)}`;
}

function times(count: number): string {
  return count === 1 ? "once" : `${count.toLocaleString()} times`;
}
