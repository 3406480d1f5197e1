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
import type { Counted, Grants } from "../components/component.ts";
import { type Granted, grantedOf, refusedOf } from "../components/grants.ts";
import type { GraphModule } from "./graph.ts";

interface Counts {
  readonly used: Counted;
  readonly refused: Counted;
}

/** What a document grants, in the order in which it is shown. */
const CAPABILITIES = ["net", "read", "write", "env"] as const;

const NO_VALUES = { env: [], secrets: [], requires: {} } as const;

const NOTHING: Counts = { used: {}, refused: {} };

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
      <Trust
        isolation={config.isolation}
        granted={granted}
        isAlone={othersOf(config, used).length === 0}
      />
      <section class="grants" hidden={config.isolation === "none"}>
        {CAPABILITIES.flatMap((capability) => {
          const permissions = { [capability]: granted[capability] ?? [] };
          return grantedOf({ permissions, used }, NO_VALUES).map((each) => (
            <Grant
              key={`${each.verb} ${each.what}`}
              {...each}
              action="Take back"
              onAct={() => change(capability, each.what, false)}
            />
          ));
        })}
        {othersOf(config, used).map((each) => (
          <Grant key={`${each.verb} ${each.what}`} {...each} />
        ))}
      </section>
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
  { isolation, granted, isAlone }: {
    readonly isolation: unknown;
    readonly granted: Grants;
    /** Nothing else is given to it. */
    readonly isAlone: boolean;
  },
) {
  if (isolation === "none") {
    return (
      <p class="notice fail">
        It runs without a sandbox: it may do all that the engine may.
      </p>
    );
  }
  const isEmpty = Object.values(granted).every(({ length }) => length === 0) &&
    isAlone;
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
    refusedOf({ permissions: granted, refused: { [capability]: names } })
      .filter(({ what }) => !granted[capability]?.includes(what))
      .map((each) => ({ ...each, capability }))
  );
  if (all.length === 0) return null;
  return (
    <section class="grants">
      <h3>Refused</h3>
      {all.map(({ capability, verb, what, times }) => (
        <Grant
          key={`${verb} ${what}`}
          {...{ verb, what }}
          evidence={`Refused ${
            times === 1 ? "once" : `${times.toLocaleString()} times`
          } since it was started.`}
          action="Grant"
          isRefused
          onAct={() => onGrant(capability, what)}
        />
      ))}
    </section>
  );
}

/** What it may do beside its permissions: each stands in keys of its own. */
function othersOf(
  { env, secrets, requires }: GraphModule["config"],
  used: Counted,
): readonly Omit<Granted, "isUsed">[] {
  const given = { env: keysOf(env), secrets: keysOf(secrets), requires: {} };
  const modules = Array.isArray(requires) ? requires.map(String) : [];
  return [
    ...grantedOf({ permissions: {}, used }, given),
    ...modules.map((module) => {
      const called = Object.entries(used.requires ?? {})
        .filter(([action]) => action.startsWith(`${module}.`))
        .map(([action, times]) =>
          `${action.slice(module.length + 1)} ${times.toLocaleString()} ×`
        );
      return {
        ...{ verb: "May call the module", what: module },
        evidence: called.length === 0
          ? "Not used since it was started."
          : `Called since it was started: ${called.join(", ")}.`,
      };
    }),
  ];
}

function keysOf(value: unknown): readonly string[] {
  return value !== null && typeof value === "object" ? Object.keys(value) : [];
}

function Grant(
  { verb, what, evidence, action, isRefused = false, onAct }: {
    readonly verb: string;
    readonly what: string;
    readonly evidence: string;
    /** What can be done about it here, if anything. */
    readonly action?: string;
    readonly isRefused?: boolean;
    readonly onAct?: () => void;
  },
) {
  return (
    <div class={`grant ${isRefused ? "refused" : ""}`}>
      <Icon name="lock" />
      <div class="names">
        <span>
          {verb} <code>{what}</code>
        </span>
        <small>{evidence}</small>
      </div>
      <span class="grow"></span>
      {action && (
        <button
          type="button"
          class="link"
          aria-label={`${action}: ${verb} ${what}`}
          onClick={onAct}
        >
          {action}
        </button>
      )}
    </div>
  );
}
