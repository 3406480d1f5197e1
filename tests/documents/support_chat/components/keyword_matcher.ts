/** Finds the program that the first word of a message asks for. */
export const contract = { requiredInputs: { body: "string" } };

export function execute({ body }: { body: string }) {
  const keyword = body.trim().split(/\s+/)[0]?.toUpperCase() ?? "";
  return { matched: keyword === "HELLO", keyword, programId: "prog-001" };
}
