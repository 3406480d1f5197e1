/**
 * The documents that run, each with its modules and what these say of themselves.
 *
 * @module
 */
import { at } from "../api.ts";
import { count, Pager, usePage } from "../components/parts/pager.tsx";
import { Scroll } from "../components/parts/scroll.tsx";
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
  return (
    <>
      {applications.map((application) => (
        <One
          key={application.id}
          application={application}
          checks={checks.find(({ id }) => id === application.id)?.checks ?? []}
        />
      ))}
    </>
  );
}

function One(
  { application, checks }: {
    readonly application: Application;
    readonly checks: readonly Check[];
  },
) {
  const { id, phase, modules, runs } = application;
  const page = usePage(sorted(modules, checks), 20);
  const tone: Tone = phase === "running" ? "ok" : "fail";
  return (
    <section class="card" aria-labelledby={`application-${id}`}>
      <div class="tool-row card-pad">
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
            {page.rows.map((module) => (
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
      <Pager page={page} size={20} />
    </section>
  );
}

/** Those that are not well come first; the rest as they start. */
function sorted(
  modules: readonly Module[],
  checks: readonly Check[],
): readonly Module[] {
  const rank = (module: Module) =>
    checksOf(module, checks).some(({ status }) => status !== "healthy") ||
      module.state === "stopped"
      ? 0
      : 1;
  return modules.toSorted((a, b) => rank(a) - rank(b));
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
