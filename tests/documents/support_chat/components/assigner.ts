/** Finds somebody who is free; nobody else than the one who asks is. */
export function execute({ responderId }: { responderId?: string }) {
  return responderId === undefined
    ? { success: false, reason: "nobody is free" }
    : { assignedTo: responderId };
}
