/**
 * Keeps the values of secrets out of what people read: problems and log lines.
 *
 * @module
 */
import type { Problem } from "./config/problem.ts";
import { Redaction } from "./config/redaction.ts";
import type { Loaded } from "./load.ts";
import type { LogSink } from "./log.ts";

/** Problems quote what stands in a document, also where that is a secret. */
export function withoutSecrets({ problems, secretValues }: Loaded): Problem[] {
  const redaction = new Redaction(secretValues);
  return problems.map((problem) => {
    const { code, severity, file, path, docs } = problem;
    const place = { code, severity, file, path, docs };
    return { ...redaction.value(problem), ...place };
  });
}

/** Takes the values of secrets out of every line, wherever they stand. */
export function redacting(sink: LogSink, redaction: Redaction): LogSink {
  return (level, message, fields) => {
    if (redaction.isEmpty) return sink(level, message, fields);
    const plain = JSON.parse(JSON.stringify(fields));
    sink(level, redaction.text(message), redaction.value(plain));
  };
}
