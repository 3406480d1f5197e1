/**
 * The processes that run components.
 *
 * @module
 */
import { at } from "../api.ts";
import { count } from "../parts/pager.tsx";
import { useResource } from "../parts/resource.ts";
import { Empty } from "../parts/states.tsx";
import { bytesText, type HostProcess } from "./report.ts";

/** What a host may hold, in bytes: 512 MiB. */
const BYTES_MAX = 512 * 1024 * 1024;

/** How often components are counted, in milliseconds. */
const EVERY_MS = 10_000;

interface Component {
  readonly status: string;
  readonly isolation: "none" | "shared" | "process";
}

/** See the module comment. */
export function Hosts({ hosts }: { readonly hosts: readonly HostProcess[] }) {
  const components = useResource<readonly Component[]>(
    "/api/dynamic/components",
    EVERY_MS,
  );
  return (
    <section class="card" aria-labelledby="hosts">
      <div class="tool-row card-pad">
        <h2 id="hosts">Hosts of components</h2>
        <span class="grow"></span>
        {components.value && (
          <a href={at("/components")}>{words(components.value)}</a>
        )}
      </div>
      {hosts.length === 0
        ? (
          <Empty icon="code" title="No host runs">
            <p>One is started when a component is there to run in it.</p>
          </Empty>
        )
        : (
          <ul class="host-list">
            {hosts.map((host) => <Host key={host.pid} {...host} />)}
          </ul>
        )}
    </section>
  );
}

function words(components: readonly Component[]): string {
  const of = (isolation: Component["isolation"]) =>
    components.filter((one) => one.isolation === isolation).length;
  const parts = [
    ...of("shared") > 0 ? [`${of("shared")} share hosts`] : [],
    ...of("process") > 0 ? [`${of("process")} with hosts of their own`] : [],
    ...of("none") > 0 ? [`${of("none")} without a sandbox`] : [],
  ];
  const text = count(components.length, "component");
  return parts.length === 0 ? text : `${text}: ${parts.join(", ")}`;
}

function Host({ pid, residentBytes }: HostProcess) {
  const isKnown = residentBytes !== null;
  return (
    <li>
      <span class="number">Process {pid}</span>
      {isKnown && (
        <meter
          aria-label={`Memory of process ${pid}`}
          min={0}
          max={BYTES_MAX}
          high={BYTES_MAX * 0.8}
          optimum={0}
          value={residentBytes}
        />
      )}
      <span class="quiet number">
        {isKnown
          ? `${bytesText(residentBytes)} of ${bytesText(BYTES_MAX)}`
          : "This system does not tell its memory"}
      </span>
    </li>
  );
}
