/**
 * What is queued: how much, how old, and what of it is dead.
 *
 * @module
 */
import { at } from "../api.ts";
import { number, Pager, usePage } from "../parts/pager.tsx";
import { Scroll } from "../parts/scroll.tsx";
import { View } from "../parts/view.tsx";
import { useResource } from "../parts/resource.ts";
import { Empty } from "../parts/states.tsx";
import { lengthText } from "../parts/time.ts";

/** How often it is asked for, in milliseconds. */
const EVERY_MS = 5_000;

/** How many queues a page has. */
const ROWS = 20;

/** A queue. */
interface Queue {
  readonly application: string;
  /** `broker/subscriber/pattern`. */
  readonly name: string;
  readonly depth: number;
  readonly inFlight: number;
  readonly delayed: number;
  readonly dead: number;
  readonly oldestAgeMs?: number;
}

/** See the module comment. */
export function Queues() {
  const queues = useResource<readonly Queue[]>("/api/queues", EVERY_MS);
  return (
    <section class="card" aria-labelledby="queues">
      <div class="tool-row card-pad">
        <h2 id="queues">Queues</h2>
      </div>
      <View name="the queues" resource={queues} rows={2} isToldElsewhere>
        {(all) => all.length === 0 ? <None /> : <Table all={all} />}
      </View>
    </section>
  );
}

function None() {
  return (
    <Empty icon="message" title="No queues">
      <p>
        A <code>messaging.broker</code> with <code>durable: true</code>{" "}
        keeps one for each subscription.
      </p>
    </Empty>
  );
}

function Table({ all }: { readonly all: readonly Queue[] }) {
  const page = usePage(all, ROWS);
  return (
    <>
      <Scroll label="Table of queues">
        <table class="table">
          <thead>
            <tr>
              <th scope="col">Queue</th>
              <th scope="col" class="numeric">Depth</th>
              <th scope="col" class="numeric">In flight</th>
              <th scope="col" class="numeric">Delayed</th>
              <th scope="col" class="numeric">Dead</th>
              <th scope="col" class="numeric">Oldest</th>
            </tr>
          </thead>
          <tbody>
            {page.rows.map((queue) => (
              <Row key={`${queue.application}/${queue.name}`} queue={queue} />
            ))}
          </tbody>
        </table>
      </Scroll>
      <Pager page={page} size={ROWS} />
    </>
  );
}

function Row({ queue }: { readonly queue: Queue }) {
  const { application, name, depth, inFlight, delayed, dead } = queue;
  const source = new URLSearchParams({
    source: `${application}/queue:${name}`,
  });
  return (
    <tr>
      <td class="name-cell">
        <span class="clipped" title={name}>{name}</span>
        <span class="cell-sub clipped">{application}</span>
      </td>
      {[depth, inFlight, delayed].map((value, index) => (
        <td class="numeric" key={index}>
          <span class={value === 0 ? "count-zero" : ""}>{number(value)}</span>
        </td>
      ))}
      <td class="numeric">
        {dead === 0
          ? <span class="count-zero">0</span>
          : (
            <a class="count-bad" href={at(`/dead-letters?${source}`)}>
              {number(dead)}
            </a>
          )}
      </td>
      <td class="numeric">
        {queue.oldestAgeMs === undefined
          ? <span class="count-zero">–</span>
          : lengthText(queue.oldestAgeMs)}
      </td>
    </tr>
  );
}
