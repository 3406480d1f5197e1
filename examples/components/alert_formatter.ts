/**
 * Puts an alert into words, for whoever is to act on it.
 *
 * @module
 */
import type { ComponentContext, Contract } from "../../components/sdk.ts";

const SEVERITIES = ["low", "medium", "high", "critical"];

interface Alert {
  readonly severity: string;
  readonly message: string;
  readonly recipients: readonly unknown[];
}

export const contract: Contract = {
  requiredInputs: {
    severity: { type: "string", description: SEVERITIES.join(", ") },
    message: { type: "string", description: "What is wrong" },
  },
  optionalInputs: {
    recipients: {
      type: "slice",
      description: "Who is to know",
      default: ["on-call"],
    },
  },
  outputs: {
    alert_id: "string",
    severity: "string",
    text: "string",
    recipients: "slice",
    recipient_count: "int",
    created_at: "string",
  },
};

/** Names each recipient once; an alert that nobody gets is refused. */
export function execute(alert: Alert, ctx: ComponentContext) {
  const severity = alert.severity.toLowerCase();
  if (!SEVERITIES.includes(severity)) {
    throw terminal(
      `Cannot format the alert: its severity is "${alert.severity}", expected ` +
        SEVERITIES.join(", "),
    );
  }
  const recipients = [...new Set(alert.recipients)];
  if (recipients.length === 0) {
    throw terminal("Cannot format the alert: it has no recipients");
  }
  if (recipients.some((recipient) => typeof recipient !== "string")) {
    throw terminal("Cannot format the alert: a recipient is not a string");
  }
  return {
    alert_id: `alert-${ctx.idempotencyKey}`,
    severity,
    text: `[${severity.toUpperCase()}] ${alert.message.trim()}`,
    recipients: recipients as readonly string[],
    recipient_count: recipients.length,
    created_at: new Date(ctx.now()).toISOString(),
  };
}

/** Trying again cannot help. */
function terminal(message: string): Error {
  return Object.assign(new Error(message), { name: "TerminalError" });
}
