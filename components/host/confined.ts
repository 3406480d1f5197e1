/**
 * The component host in a compiled binary, which cannot be started with other
 * permissions than its own: it gives every permission up before it does anything
 * else, and does not start if something is left.
 *
 * @module
 */

/** Says that a process of the binary is to be a component host. */
export const HOST_VARIABLE = "WORKFLOW_COMPONENT_HOST";

const PERMISSIONS = [
  "read",
  "write",
  "net",
  "env",
  "run",
  "sys",
  "ffi",
  "import",
] as const;

/**
 * Becomes a component host, or what reads a source if `role` is `strip`, or what
 * checks types if it is `check`. Never returns to whoever started the engine.
 */
export async function becomeHost(role: string): Promise<void> {
  for (const name of PERMISSIONS) {
    Deno.permissions.revokeSync({ name } as Deno.PermissionDescriptor);
  }
  const left = whatIsLeft();
  if (left.length > 0) {
    // Nobody reads it but who looks at the process by hand.
    console.error(`Cannot be a component host: ${left.join(", ")} is left`);
    Deno.exit(1);
  }
  // All are named in full: a compiled binary holds what it can see.
  if (role === "strip") await import("./strip.ts");
  else if (role === "check") await import("./check.ts");
  else await import("./main.ts");
}

function whatIsLeft(): string[] {
  const left: string[] = PERMISSIONS.filter((name) =>
    Deno.permissions.querySync({ name } as Deno.PermissionDescriptor).state ===
      "granted"
  );
  if (works(() => Deno.readTextFileSync("/etc/hostname"))) left.push("a file");
  if (works(() => Deno.env.get("HOME"))) left.push("the environment");
  if (works(() => (() => {}).constructor("return 1")())) {
    left.push("code from strings");
  }
  return left;
}

function works(attempt: () => unknown): boolean {
  try {
    attempt();
    return true;
  } catch {
    return false;
  }
}
