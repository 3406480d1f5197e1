/** Declines what is too dear. */
export function execute({ total = 0 }: { total?: number }) {
  return total > 1_000
    ? { status: "declined", reason: "insufficient_funds" }
    : { status: "approved", transaction_id: `txn-${total}` };
}
