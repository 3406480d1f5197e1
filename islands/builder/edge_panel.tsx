/**
 * The panel of a chosen tie: what it is, where the document says it, and the way
 * to undo it.
 *
 * @module
 */
import { useState } from "preact/hooks";
import { Icon } from "../icons.tsx";
import { containerTitle as titleOf } from "./containers.ts";
import { CloseInspector } from "./inspector.tsx";
import { useStore } from "./context.ts";
import { disconnection } from "./edits.ts";
import type { Bundle } from "./bundles.ts";
import type { GraphEdge } from "./graph.ts";

export function EdgePanel({ bundle }: { readonly bundle: Bundle }) {
  const { source, target, label, edges, isMerged = false } = bundle;
  return (
    <>
      <header class="head">
        <span class="tile">
          <Icon name="route" size={14} />
        </span>
        <div class="names">
          <strong>{label}</strong>
          <code>{titleOf(source)} → {titleOf(target)}</code>
        </div>
        <span class="grow"></span>
        <CloseInspector />
      </header>
      <div class="form">
        <dl class="facts">
          <dt>From</dt>
          <dd>
            <Ends name={source} />
          </dd>
          <dt>To</dt>
          <dd>
            <Ends name={target} />
          </dd>
        </dl>
        {edges.map((edge) => (
          <Tie
            key={`${edge.path} ${edge.source} ${edge.target}`}
            edge={edge}
            isOfOthers={isMerged}
          />
        ))}
      </div>
    </>
  );
}

function Tie(
  { edge, isOfOthers }: {
    readonly edge: GraphEdge;
    /** Its ends are not those that are drawn, but in them. */
    readonly isOfOthers: boolean;
  },
) {
  const store = useStore();
  const [fault, setFault] = useState<string>();
  const { source, target, kind, label, path, implied } = edge;
  async function remove(): Promise<void> {
    try {
      const before = store.text.value;
      const changes = await disconnection(before, path);
      if (store.text.value !== before) return;
      store.change(changes, `Untie ${source} and ${target}`);
      store.select([]);
    } catch (error) {
      setFault(error instanceof Error ? error.message : String(error));
    }
  }
  return (
    <div class="grant">
      <div class="names">
        <strong>{label || kind}</strong>
        {isOfOthers && <small>{source} → {target}</small>}
        <small>
          {implied
            ? "Follows from a rule: the document does not name it"
            : kind}
        </small>
        <code title={path}>{path}</code>
        {fault && <p class="hint" role="alert">{fault}</p>}
      </div>
      <span class="grow"></span>
      {!implied && (
        <button
          type="button"
          class="link"
          onClick={() => void remove()}
        >
          Untie
        </button>
      )}
    </div>
  );
}

function Ends({ name }: { readonly name: string }) {
  const store = useStore();
  return (
    <button
      type="button"
      class="link"
      onClick={() => store.select([name])}
    >
      {titleOf(name)}
    </button>
  );
}
