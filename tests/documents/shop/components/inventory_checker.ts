/**
 * Says whether every item is in stock, without a warehouse behind it.
 *
 * @module
 */
interface Item {
  readonly productId: string;
}

/** Knows that one product is sold out. */
export function execute({ items = [] }: { items?: readonly Item[] }) {
  if (items.length === 0) throw new Error("There are no items");
  const soldOut = items.find(({ productId }) => productId === "p2");
  return soldOut === undefined
    ? { available: true, checked_items: items.length }
    : { available: false, reason: "out_of_stock", failed_item: "p2" };
}
