/**
 * Stands in for a parcel service: it keeps room for a parcel, gives it back, or
 * takes the parcel along. Nobody goes to Atlantis.
 *
 * @module
 */
import type { ComponentContext } from "../../../components/sdk.ts";
import { note } from "./_book.ts";

interface Request {
  readonly action: "reserve" | "release" | "ship";
  readonly parcel?: string;
  readonly city?: string;
}

export const contract = {
  requiredInputs: { action: "string" },
  optionalInputs: { parcel: "string", city: "string" },
  outputs: { parcel: "string" },
};

export function execute(
  { action, parcel, city }: Request,
  { idempotencyKey, env }: ComponentContext,
) {
  const name = parcel ?? idempotencyKey;
  if (action === "ship" && city === "Atlantis") {
    throw Object.assign(new Error("No carrier goes to Atlantis"), {
      name: "TerminalError",
    });
  }
  note(env("BOOK") ?? "", action, name);
  return action === "ship"
    ? { parcel: name, tracking: `PARCEL-${name}` }
    : { parcel: name };
}
