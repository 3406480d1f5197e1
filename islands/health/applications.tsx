/**
 * The documents that run, each with its modules and what these say of themselves.
 *
 * @module
 */
import { useState } from "preact/hooks";
import { at } from "../api.ts";
import { count, Pager, usePage } from "../parts/pager.tsx";
import { Scroll } from "../parts/scroll.tsx";
import { Icon } from "../icons.tsx";
import { Pill, type Tone } from "../parts/pill.tsx";
import { Empty } from "../parts/states.tsx";
import type { Application, Check, Health, Module } from "./report.ts";

/** See the module comment. */
export function Applications(
  { applications, checks }: {
    readonly applications: readonly Application[];
    readonly checks: Health["applications"];
  },
) {
  if (applications.length === 0) {
    return (
      <div class="card">
        <Empty icon="box" title="No document runs">
          <p>
            Start the engine with <code>--config</code> and a document.
          </p>
        </Empty>
      </div>
    );
  }
  return <All applications={applications} checks={checks} />;
}

/** How many documents are shown open; of more, those that are well are folded. */
const OPEN_MAX = 3;

/** How many documents a page has. */
const DOCUMENTS = 20;

function All(
  { applications, checks }: {
    readonly applications: readonly Application[];
    readonly checks: Health["applications"];
  },
) {
  const page = usePage(applications, DOCUMENTS);
  return (
    <>
      {page.rows.map((application) => (
        <One
          key={application.id}
          application={application}
          checks={checks.find(({ id }) => id === application.id)?.checks ?? []}
          isFolded={applications.length > OPEN_MAX}
        />
      ))}
      <Pager page={page} size={DOCUMENTS} />
    </>
  );
}

function One(
  { application, checks, isFolded }: {
    readonly application: Application;
    readonly checks: readonly Check[];
    /** Unless something is not well. */
    readonly isFolded: boolean;
  },
) {
  const { id, phase, modules, runs } = application;
  const page = usePage(sorted(modules, checks), 20);
  const tone: Tone = phase === "running" ? "ok" : "fail";
  const isWell = phase === "running" &&
    modules.every((module) => isModuleWell(module, checks));
  const [isOpen, setOpen] = useState<boolean>();
  const isShown = isOpen ?? (!isFolded || !isWell);
  return (
    <section class="card" aria-labelledby={`application-${id}`}>
      <div class="tool-row card-pad">
        <button
          type="button"
          class="button icon small"
          aria-expanded={isShown}
          aria-label={`Modules of ${id}`}
          onClick={() => setOpen(!isShown)}
        >
          <Icon name={isShown ? "down" : "right"} size={14} />
        </button>
        <h2 id={`application-${id}`} class="clipped">
          <a class="plain-link" href={at(`/d/${encodeURIComponent(id)}`)}>
            {id}
          </a>
        </h2>
        <Pill status={phase} tone={tone} />
        <span class="grow"></span>
        <span class="quiet">
          {count(modules.length, "module")} ·{" "}
          <a href={at(`/runs?application=${encodeURIComponent(id)}`)}>
            {count(runs.unfinished, "run")} going on
          </a>
        </span>
      </div>
      {isShown && (
        <>
          <Modules id={id} modules={page.rows} checks={checks} />
          <Pager page={page} size={20} />
        </>
      )}
    </section>
  );
}

function Modules(
  { id, modules, checks }: {
    readonly id: string;
    readonly modules: readonly Module[];
    readonly checks: readonly Check[];
  },
) {
  return (
    <Scroll label={`Modules of ${id}`}>
      <table class="table module-table">
        <thead>
          <tr>
            <th scope="col">Module</th>
            <th scope="col">Type</th>
            <th scope="col">State</th>
            <th scope="col">Says of itself</th>
          </tr>
        </thead>
        <tbody>
          {modules.map((module) => (
            <Row
              key={module.name}
              application={id}
              module={module}
              checks={checksOf(module, checks)}
            />
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}

/** Those that are not well come first; the rest as they start. */
function sorted(
  modules: readonly Module[],
  checks: readonly Check[],
): readonly Module[] {
  const rank = (module: Module) => isModuleWell(module, checks) ? 1 : 0;
  return modules.toSorted((a, b) => rank(a) - rank(b));
}

function isModuleWell(module: Module, checks: readonly Check[]): boolean {
  return module.state !== "stopped" &&
    checksOf(module, checks).every(({ status }) => status === "healthy");
}

function checksOf(
  { name }: Module,
  checks: readonly Check[],
): readonly Check[] {
  return checks.filter(({ module }) => module === name);
}

const STATES: Readonly<Record<Module["state"], Tone>> = {
  created: "idle",
  started: "run",
  open: "ok",
  stopped: "fail",
};

function Row(
  { application, module: { name, type, state }, checks }: {
    readonly application: string;
    readonly module: Module;
    readonly checks: readonly Check[];
  },
) {
  const node = new URLSearchParams({ view: "modules", node: name });
  return (
    <tr>
      <td class="name-cell">
        <a
          class="clipped plain-link"
          title={name}
          href={at(`/d/${encodeURIComponent(application)}?${node}`)}
        >
          {name}
        </a>
      </td>
      <td>
        <code class="quiet">{type}</code>
      </td>
      <td>
        <Pill status={state} tone={STATES[state]} />
      </td>
      <td>
        {checks.length === 0 && <span class="quiet">–</span>}
        {checks.map(({ name, status, message }) => (
          <span class="check-row" key={name}>
            <Pill status={status} />
            {message !== undefined && <span>{message}</span>}
          </span>
        ))}
      </td>
    </tr>
  );
}
