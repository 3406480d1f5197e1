/**
 * Stands in for a payment service: a card token that ends in 0002 is declined, and
 * every other one is charged, once a key.
 *
 * @module
 */
import type { ComponentContext } from "../../../components/sdk.ts";
import { note } from "./_book.ts";

interface Item {
  readonly price: number;
  readonly quantity: number;
}

interface Request {
  readonly action: "charge" | "refund";
  readonly items?: readonly Item[];
  readonly cardToken?: string;
  readonly payment?: string;
}

export const contract = {
  requiredInputs: { action: "string" },
  optionalInputs: { items: "slice", cardToken: "string", payment: "string" },
  outputs: { payment: "string" },
};

export function execute(
  { action, items = [], cardToken = "", payment = "" }: Request,
  { idempotencyKey, env }: ComponentContext,
) {
  const book = env("BOOK") ?? "";
  if (action === "refund") {
    note(book, "refund", payment);
    return { payment };
  }
  // Asking again would not help, so it says so by its name.
  if (cardToken.endsWith("0002")) throw terminal("The card is declined");
  note(book, "charge", idempotencyKey);
  const amount = items.reduce(
    (total, { price, quantity }) => total + price * quantity,
    0,
  );
  return { payment: idempotencyKey, amount };
}

function terminal(message: string): Error {
  return Object.assign(new Error(message), { name: "TerminalError" });
}
