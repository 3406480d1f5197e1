/**
 * Says what a basket costs with tax.
 *
 * @module
 */
import type { ComponentContext } from "../../components/sdk.ts";

interface Item {
  readonly price: number;
  readonly quantity: number;
}

/** What does not fit is refused before `execute` is called. */
export const contract = {
  requiredInputs: { items: "slice" },
  outputs: { total: "float", currency: "string" },
};

/** The total in euros, rounded to cents. */
export function execute(
  { items }: { readonly items: readonly Item[] },
  { env }: ComponentContext,
) {
  const net = items.reduce((sum, item) => sum + item.price * item.quantity, 0);
  const cents = net * (100 + Number(env("VAT_PERCENT")));
  return { total: Math.round(cents) / 100, currency: "EUR" };
}
