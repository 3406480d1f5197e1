/**
 * What has run of a component: two versions beside each other, and the way back.
 *
 * @module
 */
import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { ask, send } from "../api.ts";
import { type Resource, useResource } from "../parts/resource.ts";
import { Empty, Failure } from "../parts/states.tsx";
import { timeText } from "../parts/time.ts";
import { apiOf, type Component, type Version } from "./component.ts";
import type { TabProps } from "./one.tsx";
import { Outcome, useAction } from "../parts/action.tsx";
import { useFollowing } from "../parts/follow.ts";
import { number } from "../parts/pager.tsx";
import { Scroll } from "../parts/scroll.tsx";
import { View } from "../parts/view.tsx";

/** Below this width one text with both is easier to read, in pixels. */
const NARROW = 900;

/** See the module comment. */
export function Versions({ component, reload }: TabProps): JSX.Element {
  const list = useFollowing(
    useResource<readonly Version[]>(apiOf(component, "versions")),
    `${component.hash} ${component.swaps}`,
  );
  return (
    <View name="the versions" resource={list} rows={3}>
      {(versions) =>
        versions.length === 0
          ? (
            <div class="card">
              <Empty icon="list" title="No version is kept yet">
                <p>Each code that runs is kept here, the last 50 of them.</p>
              </Empty>
            </div>
          )
          : (
            <History
              component={component}
              versions={versions}
              onChange={() => {
                list.reload();
                reload();
              }}
            />
          )}
    </View>
  );
}

function History(
  { component, versions, onChange }: {
    readonly component: Component;
    readonly versions: readonly Version[];
    readonly onChange: () => void;
  },
): JSX.Element {
  const newest = versions[0]?.version ?? 1;
  const [pair, setPair] = useState<readonly [number, number]>();
  const [from, to] = pair ?? [versions[1]?.version ?? newest, newest];
  const action = useAction();
  const rollback = (version: number) =>
    action.run(`rollback ${version}`, async () => {
      await ask(apiOf(component, "rollback"), {
        method: "POST",
        body: { version },
      });
      onChange();
      return `Version ${version} runs again.`;
    });
  return (
    <>
      <Outcome action={action} />
      <div class="card">
        <Scroll label="Versions">
          <table class="table version-table">
            <thead>
              <tr>
                <th scope="col">From</th>
                <th scope="col">To</th>
                <th scope="col">Version</th>
                <th scope="col">Ran first</th>
                <th scope="col" class="numeric">Characters</th>
                <th scope="col">Hash</th>
                <th scope="col">
                  <span class="hidden">What to do</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {versions.map((one) => (
                <Row
                  key={one.version}
                  version={one}
                  isRunning={one.version === component.version}
                  isFrom={one.version === from}
                  isTo={one.version === to}
                  isBusy={action.busy !== ""}
                  onFrom={() => setPair([one.version, to])}
                  onTo={() => setPair([from, one.version])}
                  onRollback={() => rollback(one.version)}
                />
              ))}
            </tbody>
          </table>
        </Scroll>
      </div>
      <Difference component={component} from={from} to={to} />
    </>
  );
}

interface RowProps {
  readonly version: Version;
  readonly isRunning: boolean;
  readonly isFrom: boolean;
  readonly isTo: boolean;
  readonly isBusy: boolean;
  readonly onFrom: () => void;
  readonly onTo: () => void;
  readonly onRollback: () => void;
}

function Row(props: RowProps): JSX.Element {
  const { version: { version, at, characters, hash }, isRunning } = props;
  return (
    <tr>
      <td>
        <input
          type="radio"
          name="from"
          aria-label={`From version ${version}`}
          checked={props.isFrom}
          onChange={props.onFrom}
        />
      </td>
      <td>
        <input
          type="radio"
          name="to"
          aria-label={`To version ${version}`}
          checked={props.isTo}
          onChange={props.onTo}
        />
      </td>
      <td>
        <span class="strong">{version}</span>{" "}
        {isRunning && <span class="pill run">Running</span>}
      </td>
      <td>
        <time dateTime={at}>{timeText(at)}</time>
      </td>
      <td class="numeric">{number(characters)}</td>
      <td>
        <code title={hash}>{hash.slice(0, 7)}</code>
      </td>
      <td class="numeric">
        {!isRunning && (
          <button
            type="button"
            class="button small"
            disabled={props.isBusy}
            onClick={props.onRollback}
          >
            Roll back to {version}
          </button>
        )}
      </td>
    </tr>
  );
}

function Difference(
  { component, from, to }: {
    readonly component: Component;
    readonly from: number;
    readonly to: number;
  },
): JSX.Element {
  const before = useText(apiOf(component, `versions/${from}`));
  const after = useText(apiOf(component, `versions/${to}`));
  const failed = before.error !== undefined ? before : after;
  const isSame = before.value !== undefined && before.value === after.value;
  return (
    <section class="card" aria-label="Difference">
      <div class="tool-row card-pad">
        <h2>{from === to ? `Version ${to}` : `Version ${from} to ${to}`}</h2>
        {from !== to && isSame && <span class="quiet">The same text</span>}
      </div>
      {failed.error !== undefined
        ? (
          <Failure
            title="Cannot show the difference"
            error={failed.error}
            onRetry={failed.reload}
          />
        )
        : before.value !== undefined && after.value !== undefined
        ? (
          <Compared
            key={`${from}-${to}`}
            {...{ from, to, before: before.value, after: after.value }}
          />
        )
        : (
          <div class="code-editor">
            <div class="skeleton"></div>
          </div>
        )}
    </section>
  );
}

function Compared(
  { from, to, before, after }: {
    readonly from: number;
    readonly to: number;
    readonly before: string;
    readonly after: string;
  },
): JSX.Element {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    let end = () => {};
    let isGone = false;
    import("./editor/compare.ts").then(({ compare }) => {
      const parent = place.current;
      if (isGone || parent === null) return;
      end = compare({
        parent,
        before: { text: before, label: `Version ${from}` },
        after: { text: after, label: `Version ${to}` },
        isNarrow: innerWidth < NARROW,
      });
    });
    return () => {
      isGone = true;
      end();
    };
  }, []);
  return <div class="code-editor compared" ref={place}></div>;
}

/** A text of the API; versions never change. */
function useText(path: string): Pick<
  Resource<string>,
  "value" | "error" | "reload"
> {
  const [found, setFound] = useState<
    { readonly path: string; readonly value?: string; readonly error?: unknown }
  >({ path: "" });
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    let isGone = false;
    send(path).then((answer) => answer.text()).then(
      (value) => isGone || setFound({ path, value }),
      (error) => isGone || setFound({ path, error }),
    );
    return () => {
      isGone = true;
    };
  }, [path, turn]);
  const { value, error } = found.path === path ? found : {};
  return { value, error, reload: () => setTurn((before) => before + 1) };
}
