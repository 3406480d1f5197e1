/**
 * The values of all plots in rows, the newest first.
 *
 * @module
 */
import type { JSX } from "preact";
import { Pager, usePage } from "../parts/pager.tsx";
import { Scroll } from "../parts/scroll.tsx";
import { timeText } from "../parts/time.ts";
import { type MetricHistory, valueText } from "./metric.ts";

/** How many times a page has. */
const ROWS = 30;

/** See the module comment. */
export function MetricTable(
  { history: { times, metrics } }: { readonly history: MetricHistory },
): JSX.Element {
  const places = times.map((_, place) => place).reverse();
  const page = usePage(places, ROWS);
  return (
    <div class="card">
      <Scroll label="Table of what was measured">
        <table class="table metric-table">
          <thead>
            <tr>
              <th scope="col" rowspan={2}>Until</th>
              {metrics.map(({ name, help, lines }) => (
                <th key={name} scope="colgroup" colspan={lines.length}>
                  {help}
                </th>
              ))}
            </tr>
            <tr>
              {metrics.flatMap(({ name, lines }) =>
                lines.map((line) => (
                  <th key={`${name} ${line.name}`} scope="col" class="numeric">
                    {line.name}
                  </th>
                ))
              )}
            </tr>
          </thead>
          <tbody>
            {page.rows.map((place) => (
              <tr key={times[place]}>
                <th scope="row" class="number">
                  {timeText(times[place] ?? 0)}
                </th>
                {metrics.flatMap(({ name, unit, lines }) =>
                  lines.map((line) => {
                    const value = line.values[place] ?? null;
                    return (
                      <td key={`${name} ${line.name}`} class="numeric">
                        {value === null
                          ? <span class="count-zero">–</span>
                          : valueText(value, unit)}
                      </td>
                    );
                  })
                )}
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
      <Pager page={page} size={ROWS} />
    </div>
  );
}
