/**
 * What is measured of statements.
 *
 * @module
 */
import type { MetricDefinition } from "@engine/observe.ts";

/** Of a connection, whichever type of module has it. */
export const SQL_METRICS = {
  sql_statements_total: {
    kind: "counter",
    help: "Statements and transactions that databases were asked",
    labels: ["connection", "status"],
    failed: { status: "failure" },
  },
  sql_statement_seconds: {
    kind: "histogram",
    help: "How long a statement or a transaction took, with its wait",
    labels: ["connection", "status"],
    failed: { status: "failure" },
  },
} satisfies Readonly<Record<string, MetricDefinition>>;
