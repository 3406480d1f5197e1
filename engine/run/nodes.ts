/**
 * Who writes which stream. Each start of a process is a node with an epoch of
 * its own and one stream; whoever adopts the stream of a node that is gone
 * changes that node's row, so that it can commit nothing more.
 *
 * @module
 */
import type { Check, Store } from "../store/store.ts";
import {
  BEATS,
  BELLS,
  CHECKPOINTS,
  EPOCHS,
  INBOX,
  LOG,
  NODES,
} from "./places.ts";

/** A node as its row says. */
export interface Node {
  readonly epoch: number;
  readonly version: string;
  /** It has ended in good order. */
  readonly isLeft: boolean;
  /** The epoch of the node that goes on with its stream. */
  readonly adoptedBy: number | undefined;
}

/** This node. */
export interface Membership {
  readonly epoch: number;
  /** Holds until another adopts the stream. */
  readonly fence: Check;
}

/** An alias: an interface does not count as JSON. */
type Row = {
  readonly id?: string;
  /** When it began, in milliseconds since 1970: for people. */
  readonly at?: number;
  readonly isLeft?: boolean;
  readonly adoptedBy?: number;
};

/** Nodes by their epochs. */
export type Nodes = ReadonlyMap<number, Node>;

/** Whether anybody has ever had runs here. */
export async function isJoinedBefore(store: Store): Promise<boolean> {
  return await store.get(EPOCHS) !== undefined;
}

/** How a process becomes a node. */
export interface JoinOptions {
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Whether others may be at work; if not, their streams are adopted at once. */
  readonly isShared: boolean;
}

/** Becomes a node, with an epoch that no other has or had. */
export async function join(
  store: Store,
  { id, at, isShared }: JoinOptions,
): Promise<Membership> {
  while (true) {
    const entry = await store.get(EPOCHS);
    const { last } = (entry?.value ?? { last: 0 }) as { readonly last: number };
    const epoch = last + 1;
    const key = [...NODES, epoch];
    const nodes: Nodes = isShared ? new Map() : await readNodes(store);
    // In one commit: of two who begin at once, one has all streams.
    const gone = [...nodes.values()].filter((node) => isOnItsOwn(node, nodes));
    const result = await store.commit({
      checks: [
        { key: EPOCHS, version: entry?.version },
        ...gone.map(checkOf),
      ],
      sets: [
        { key: EPOCHS, value: { last: epoch } },
        { key, value: { id, at } },
        { key: [...BEATS, epoch], value: { beat: 0 } },
        ...gone.map(({ epoch: from }) => ({
          key: [...NODES, from],
          value: { adoptedBy: epoch },
        })),
      ],
      deletes: gone.map(({ epoch }) => [...BEATS, epoch]),
    });
    if (result.ok) return { epoch, fence: { key, version: result.version } };
  }
}

function checkOf({ epoch, version }: Node): Check {
  return { key: [...NODES, epoch], version };
}

/** Says that this node has ended: others may adopt its stream at once. */
export async function leave(
  store: Store,
  { epoch, fence }: Membership,
): Promise<void> {
  await store.commit({
    checks: [fence],
    sets: [{ key: fence.key, value: { isLeft: true } }],
    deletes: [[...BEATS, epoch]],
  });
}

/** All nodes whose streams may hold something. */
export async function readNodes(store: Store): Promise<Nodes> {
  const nodes = new Map<number, Node>();
  for await (const { key, value, version } of store.list({ prefix: NODES })) {
    const epoch = Number(key.at(-1));
    const { isLeft = false, adoptedBy } = value as Row;
    nodes.set(epoch, { epoch, version, isLeft, adoptedBy });
  }
  return nodes;
}

/**
 * Takes the stream of a node over, which can commit nothing more. False if this
 * node or that one is not what it was: then nothing has changed.
 */
export async function adopt(
  store: Store,
  node: Node,
  by: Membership,
): Promise<boolean> {
  const { epoch } = node;
  const key = [...NODES, epoch];
  const { ok } = await store.commit({
    checks: [by.fence, checkOf(node)],
    sets: [{ key, value: { adoptedBy: by.epoch } }],
    deletes: [[...BEATS, epoch]],
  });
  return ok;
}

/** Whether nobody goes on with the stream of a node but itself. */
export function isOnItsOwn(node: Node, nodes: Nodes): boolean {
  return node.adoptedBy === undefined || !nodes.has(node.adoptedBy);
}

/** The node that goes on with a stream by now, if its row is there. */
export function holderOf(epoch: number, nodes: Nodes): Node | undefined {
  let node = nodes.get(epoch);
  while (node?.adoptedBy !== undefined) {
    const next = nodes.get(node.adoptedBy);
    if (next === undefined) break;
    node = next;
  }
  return node;
}

/** The streams that a node has adopted, each behind those that its node had adopted. */
export function adoptedBy(epoch: number, nodes: Nodes): readonly number[] {
  return [...nodes.values()]
    .filter((node) => node.adoptedBy === epoch)
    .flatMap((node) => [...adoptedBy(node.epoch, nodes), node.epoch]);
}

/**
 * Removes the rows of adopted nodes of which nothing is left; one whose own
 * adoptions are still there stays, since they are found by it.
 */
export async function forgetEmpty(
  store: Store,
  by: Membership,
  nodes: Nodes,
): Promise<void> {
  const rest = new Map(nodes);
  for (const epoch of adoptedBy(by.epoch, nodes)) {
    if (adoptedBy(epoch, rest).length > 0) continue;
    if (await holdsAny(store, epoch)) continue;
    const deletes = [NODES, BEATS, BELLS].map((place) => [...place, epoch]);
    const { ok } = await store.commit({ checks: [by.fence], deletes });
    if (!ok) return;
    rest.delete(epoch);
  }
}

async function holdsAny(store: Store, epoch: number): Promise<boolean> {
  for (const place of [LOG, CHECKPOINTS, INBOX]) {
    const prefix = [...place, epoch];
    for await (const _ of store.list({ prefix }, { limit: 1 })) return true;
  }
  return false;
}
