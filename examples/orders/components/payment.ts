/**
 * Stands in for a payment service: a card token that ends in 0002 is declined, and
 * every other one is charged.
 *
 * @module
 */
import type { ComponentContext } from "../../../components/sdk.ts";

interface Item {
  readonly price: number;
  readonly quantity: number;
}

interface Order {
  readonly items: readonly Item[];
  readonly cardToken?: string;
}

export const contract = {
  requiredInputs: { items: "slice" },
  optionalInputs: { cardToken: "string" },
  outputs: { status: "string" },
};

/** Charges an order once: the key makes a repeated call harmless. */
export function execute(order: Order, context: ComponentContext) {
  const amount = order.items.reduce(
    (total, { price, quantity }) => total + price * quantity,
    0,
  );
  if (order.cardToken?.endsWith("0002")) {
    return { status: "declined", reason: "insufficient funds", amount };
  }
  return { status: "approved", paymentId: context.idempotencyKey, amount };
}
