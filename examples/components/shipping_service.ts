/**
 * Stands in for a carrier: of a hundred parcels it takes 95, and does not answer
 * to the rest. Chance goes by the idempotency key, so every attempt at one parcel
 * comes to the same end.
 *
 * @module
 */
import type { ComponentContext, Contract } from "../../components/sdk.ts";

const TAKEN_CHANCE = 0.95;
const DELIVERY_DAYS = 5;
const DAY_MS = 24 * 60 * 60 * 1_000;
const ANSWER_MS_MIN = 200;
const ANSWER_MS_MAX = 500;

interface Parcel {
  readonly order_id?: string | null;
  readonly shipping?: Readonly<Record<string, unknown>> | null;
  readonly workflowId?: string | null;
}

export const contract: Contract = {
  optionalInputs: {
    order_id: { type: "string", description: "Stands in the log" },
    shipping: { type: "map", description: "Where the parcel goes" },
    workflowId: {
      type: "string",
      description: "Stands in the log if there is no order_id",
    },
  },
  outputs: {
    tracking_number: "string",
    carrier: "string",
    estimated_delivery: "string",
  },
};

/** Hands a parcel over, once for each idempotency key. */
export async function execute(parcel: Parcel, ctx: ComponentContext) {
  const order_id = parcel.order_id ?? parcel.workflowId;
  const isTaken = ctx.random() < TAKEN_CHANCE;
  await waitForAnswer(ctx);
  if (!isTaken) {
    throw new Error("Cannot ship the parcel: the carrier does not answer");
  }
  const tracking_number = `TRK-${ctx.idempotencyKey}`;
  const arrives = new Date(ctx.now() + DELIVERY_DAYS * DAY_MS);
  ctx.log.info("Handed to the carrier", { order_id, tracking_number });
  return {
    tracking_number,
    carrier: "USPS",
    estimated_delivery: arrives.toISOString().slice(0, 10),
  };
}

/** Takes as long as a carrier would. */
function waitForAnswer(ctx: ComponentContext): Promise<void> {
  const milliseconds = ANSWER_MS_MIN +
    ctx.random() * (ANSWER_MS_MAX - ANSWER_MS_MIN);
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
