/**
 * Stands in for a mail service: says in the log what it would send to a customer
 * whose order has reached a state.
 *
 * @module
 */
import type { ComponentContext, Contract } from "../../components/sdk.ts";

interface Change {
  readonly toState: string;
  readonly workflowId?: string;
}

export const contract: Contract = {
  requiredInputs: {
    toState: { type: "string", description: "Names the template of the mail" },
  },
  optionalInputs: {
    workflowId: { type: "string", description: "The order; stands in the log" },
  },
  outputs: {
    notification_id: "string",
    channel: "string",
    template: "string",
    sent_at: "string",
  },
};

/** Sends one mail for each idempotency key. */
export function execute(
  { toState, workflowId }: Change,
  ctx: ComponentContext,
) {
  const notification = {
    notification_id: `notif-${ctx.idempotencyKey}`,
    channel: "email",
    template: `order_${toState}`,
    sent_at: new Date(ctx.now()).toISOString(),
  };
  ctx.log.info("Notified the customer", { workflowId, ...notification });
  return notification;
}
