/**
 * Stands in for a warehouse: nine times in ten it sets the items of an order aside
 * for a quarter of an hour. Chance goes by the idempotency key, so every attempt at
 * one order comes to the same end.
 *
 * @module
 */
import type { ComponentContext, Contract } from "../../components/sdk.ts";

const IN_STOCK_CHANCE = 0.9;
const RESERVED_MS = 15 * 60 * 1_000;
const ANSWER_MS_MIN = 100;
const ANSWER_MS_MAX = 300;

/** The fields by which an item is known; the first that is there counts. */
const ITEM_NAMES = ["productId", "sku", "id", "name"];

export const contract: Contract = {
  requiredInputs: {
    items: {
      type: "slice",
      description: "Names, or maps with a productId, sku, id or name",
    },
  },
  outputs: {
    available: "bool",
    checked_items: "slice",
    reserved_until: "string",
  },
};

/** Reserves every item, or none: an order without one of them is no order. */
export async function execute(
  { items }: { readonly items: readonly unknown[] },
  ctx: ComponentContext,
) {
  if (items.length === 0) {
    throw terminal("Cannot check the stock: the order has no items");
  }
  const names = items.map(nameOf);
  const isInStock = ctx.random() < IN_STOCK_CHANCE;
  const failed = names[Math.floor(ctx.random() * names.length)];
  await waitForAnswer(ctx);
  if (!isInStock) throw terminal(`Cannot reserve "${failed}": out_of_stock`);
  return {
    available: true,
    checked_items: names,
    reserved_until: new Date(ctx.now() + RESERVED_MS).toISOString(),
  };
}

function nameOf(item: unknown, index: number): string {
  if (typeof item === "string") return item;
  const fields = Object(item) as Readonly<Record<string, unknown>>;
  const name = ITEM_NAMES.map((field) => fields[field])
    .find((value) => typeof value === "string" || typeof value === "number");
  if (name !== undefined) return String(name);
  throw terminal(
    `Cannot check item ${index + 1}: it has no ${ITEM_NAMES.join(", ")}`,
  );
}

/** Takes as long as a warehouse would. */
function waitForAnswer(ctx: ComponentContext): Promise<void> {
  const milliseconds = ANSWER_MS_MIN +
    ctx.random() * (ANSWER_MS_MAX - ANSWER_MS_MIN);
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** Trying again cannot help. */
function terminal(message: string): Error {
  return Object.assign(new Error(message), { name: "TerminalError" });
}
