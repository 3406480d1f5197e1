/** How often each order was taken to the carrier. */
const calls = new Map<string, number>();

/** Fails at the first call for an order, and always for the moon. */
export function execute(
  { workflowId, shipping }: {
    workflowId: string;
    shipping?: { readonly city?: string };
  },
) {
  const call = (calls.get(workflowId) ?? 0) + 1;
  calls.set(workflowId, call);
  if (call === 1 || shipping?.city === "Moon") {
    throw new Error("The carrier does not answer");
  }
  return { tracking_number: `TRK-${call}`, carrier: "USPS" };
}
