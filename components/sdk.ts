/**
 * The types that an author of components imports. A component is a file that
 * exports any of the names of `Component`, by themselves or as its default:
 *
 * ```ts
 * import type { ComponentContext, ComponentParams } from "./sdk.ts";
 *
 * export const contract = { requiredInputs: { amount: "float" } };
 *
 * export async function execute(params: ComponentParams, ctx: ComponentContext) {
 *   ctx.log.info("Taking a payment", { amount: params.amount });
 *   return { status: "approved", transactionId: ctx.idempotencyKey };
 * }
 * ```
 *
 * An error means "try again", unless its `name` is `TerminalError`. An error with
 * the name `RetryableError` may carry `retryAfterMs`.
 *
 * @module
 */
export type {
  Component,
  ComponentContext,
  ComponentLog,
  ComponentParams,
  ComponentServices,
  Contract,
  ContractField,
  FieldType,
} from "../engine/component_contract.ts";

export type { JsonValue as Json } from "../engine/store/store.ts";
