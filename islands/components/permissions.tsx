/**
 * What a component may do, how often it did, and what it was refused.
 *
 * @module
 */
import type { ComponentChildren, JSX } from "preact";
import { useState } from "preact/hooks";
import { at } from "../api.ts";
import { Icon } from "../icons.tsx";
import type { Resource } from "../parts/resource.ts";
import { lengthText } from "../parts/time.ts";
import type { Manifest, WholeComponent } from "./component.ts";
import { type Granted, grantedOf, type Refused, refusedOf } from "./grants.ts";
import type { TabProps } from "./one.tsx";
import { number } from "../parts/pager.tsx";
import { useQuery } from "../parts/tabs.tsx";
import { View } from "../parts/view.tsx";

/** See the module comment. */
export function Permissions(
  { component, manifest }: TabProps & {
    readonly manifest: Resource<Manifest>;
  },
): JSX.Element {
  const refused = refusedOf(component);
  return (
    <View name="the permissions" resource={manifest} rows={3}>
      {(value) => (
        <div class="permission-list">
          {refused.length > 0 && (
            <section class="stacked" aria-labelledby="refused">
              <h2 id="refused">Refused</h2>
              {refused.map((each) => (
                <RefusedRow
                  key={each.line}
                  refused={each}
                  component={component}
                />
              ))}
            </section>
          )}
          <section class="stacked" aria-labelledby="granted">
            <h2 id="granted">Granted</h2>
            <GrantedList component={component} manifest={value} />
          </section>
          <section class="stacked" aria-labelledby="limits">
            <h2 id="limits">Limits</h2>
            <Limits limits={value.limits} />
          </section>
        </div>
      )}
    </View>
  );
}

function GrantedList(
  { component, manifest }: {
    readonly component: WholeComponent;
    readonly manifest: Manifest;
  },
): JSX.Element {
  if (component.isolation === "none") {
    return (
      <Sentence tone="fail">
        It runs without a sandbox and may do all that the engine may.
        <small>Nothing that it does is counted.</small>
      </Sentence>
    );
  }
  const granted = grantedOf(component, manifest);
  if (granted.length === 0) {
    return (
      <Sentence tone="quiet">
        It reaches nothing outside of its sandbox.
        <small>It is given its params and gives back a result.</small>
      </Sentence>
    );
  }
  return (
    <>
      {granted.map((each) => (
        <GrantedRow key={`${each.verb} ${each.what}`} {...each} />
      ))}
    </>
  );
}

function GrantedRow({ verb, what, evidence, isUsed }: Granted): JSX.Element {
  return (
    <Sentence tone={isUsed ? "ok" : "quiet"}>
      <span>
        {verb} <code>{what}</code>
      </span>
      <small>{evidence}</small>
    </Sentence>
  );
}

function RefusedRow(
  { refused: { verb, what, times, line }, component }: {
    readonly refused: Refused;
    readonly component: WholeComponent;
  },
): JSX.Element {
  const [, chooseTab] = useQuery("tab", "code");
  const { id, application, added } = component;
  const node = new URLSearchParams({ view: "modules", node: id });
  return (
    <Sentence tone="fail">
      <span>
        {verb} <code>{what}</code>
      </span>
      <small>
        Refused {times === 1 ? "once" : `${number(times)} times`}{" "}
        since it was started. {added
          ? "To grant it, remove the component and send it anew with"
          : "To grant it, write this into its permissions:"}
      </small>
      <Line text={line} />
      <span class="grant-ways">
        {!added && (
          <a href={at(`/d/${encodeURIComponent(application)}?${node}`)}>
            Open it in the document
          </a>
        )}
        <button
          type="button"
          class="text-button"
          onClick={() => {
            chooseTab("activity");
            // The tabs read the address when it changes.
            dispatchEvent(new PopStateEvent("popstate"));
          }}
        >
          See when
        </button>
      </span>
    </Sentence>
  );
}

function Line({ text }: { readonly text: string }): JSX.Element {
  const [isCopied, setCopied] = useState(false);
  return (
    <span class="grant-line">
      <code>{text}</code>
      <button
        type="button"
        class="button small"
        onClick={async () => {
          await navigator.clipboard.writeText(text);
          setCopied(true);
        }}
      >
        {isCopied ? "Copied" : "Copy"}
      </button>
    </span>
  );
}

function Sentence(
  { tone, children }: {
    readonly tone: "ok" | "fail" | "quiet";
    readonly children: ComponentChildren;
  },
): JSX.Element {
  return (
    <div class={`may ${tone}-grant`}>
      <Icon name={tone === "fail" ? "warning" : "lock"} />
      <div>{children}</div>
    </div>
  );
}

const LIMITS: Readonly<
  Record<
    string,
    { readonly name: string; readonly text: (n: number) => string }
  >
> = {
  executionMs: { name: "One call", text: lengthText },
  outputKeys: { name: "Keys of a result", text: number },
  outputCharacters: { name: "Characters of a result", text: number },
  memoryBytes: {
    name: "Memory of its host",
    text: (bytes) => `${number(Math.round(bytes / 1024 / 1024))} MiB`,
  },
};

function Limits(
  { limits }: { readonly limits: Manifest["limits"] },
): JSX.Element {
  const known = Object.entries(limits).flatMap(([key, value]) => {
    const limit = LIMITS[key];
    return limit === undefined ? [] : [{ ...limit, value }];
  });
  if (known.length === 0) return <p class="quiet">There are none.</p>;
  return (
    <dl class="fact-list">
      {known.map(({ name, text, value }) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{text(value)}</dd>
        </div>
      ))}
    </dl>
  );
}
