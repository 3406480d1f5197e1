/**
 * Stands in for a payment service: of a hundred payments it approves 85, declines
 * 10, and does not answer to 5. Chance goes by the idempotency key, so every
 * attempt at one payment comes to the same end, and nothing is charged twice.
 *
 * @module
 */
import type { ComponentContext, Contract } from "../../components/sdk.ts";

const APPROVED_CHANCE = 0.85;
const DECLINED_CHANCE = 0.1;
const ANSWER_MS_MIN = 50;
const ANSWER_MS_MAX = 150;

interface Payment {
  readonly amount?: number | null;
  readonly total?: number | null;
  readonly currency: string;
  readonly order_id?: string | null;
  readonly workflowId?: string | null;
}

export const contract: Contract = {
  optionalInputs: {
    amount: { type: "float", description: "What is charged" },
    total: {
      type: "float",
      description: "Is charged if there is no amount: what orders call it",
    },
    currency: { type: "string", default: "USD" },
    order_id: { type: "string", description: "Stands in the log" },
    workflowId: {
      type: "string",
      description: "Stands in the log if there is no order_id",
    },
  },
  outputs: { transaction_id: "string", status: "string", last4: "string" },
};

/** Charges once for each idempotency key. */
export async function execute(payment: Payment, ctx: ComponentContext) {
  const { currency } = payment;
  const amount = payment.amount ?? payment.total;
  const order_id = payment.order_id ?? payment.workflowId;
  if (amount === undefined || amount === null) {
    throw terminal("Cannot charge: neither amount nor total is given");
  }
  if (amount < 0) {
    throw terminal(`Cannot charge ${amount} ${currency}: it is less than 0`);
  }
  const chance = ctx.random();
  await waitForAnswer(ctx);
  if (chance >= APPROVED_CHANCE + DECLINED_CHANCE) {
    throw new Error(
      `Cannot charge ${amount} ${currency}: the payment service does not answer`,
    );
  }
  if (chance >= APPROVED_CHANCE) {
    throw terminal(`Cannot charge ${amount} ${currency}: insufficient_funds`);
  }
  const transaction_id = `txn-${ctx.idempotencyKey}`;
  ctx.log.info("Charged", { order_id, amount, currency, transaction_id });
  return { transaction_id, status: "approved", last4: "4242" };
}

/** Takes as long as a payment service would. */
function waitForAnswer(ctx: ComponentContext): Promise<void> {
  const milliseconds = ANSWER_MS_MIN +
    ctx.random() * (ANSWER_MS_MAX - ANSWER_MS_MIN);
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** Trying again cannot help. */
function terminal(message: string): Error {
  return Object.assign(new Error(message), { name: "TerminalError" });
}
