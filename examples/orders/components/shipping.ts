/**
 * Stands in for a parcel service: every order gets a tracking number.
 *
 * @module
 */
import type { ComponentContext } from "../../../components/sdk.ts";

const DELIVERY_DAYS = 3;
const DAY_MS = 24 * 60 * 60 * 1_000;

export const contract = {
  requiredInputs: { items: "slice" },
  outputs: { trackingNumber: "string", estimatedDelivery: "string" },
};

/** Hands an order to the carrier. */
export function execute(_order: unknown, context: ComponentContext) {
  const arrives = new Date(context.now() + DELIVERY_DAYS * DAY_MS);
  return {
    trackingNumber: `PARCEL-${context.idempotencyKey}`,
    estimatedDelivery: arrives.toISOString().slice(0, 10),
  };
}
