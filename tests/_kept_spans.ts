/**
 * A module that keeps the spans of an application, for tests of traces.
 *
 * @module
 */
import { z } from "zod";
import { defineModule, type Host } from "@engine/define.ts";
import type { FinishedSpan } from "@engine/tracing.ts";

/** What an application has told, and its host. */
export class KeptSpans {
  readonly spans: FinishedSpan[] = [];
  #host: Host | undefined;

  /** The tracing of the application, once it has started. */
  get tracing(): Host["tracing"] {
    if (this.#host !== undefined) return this.#host.tracing;
    throw new Error("There is no module of the type test.keeper");
  }

  /** The type of the module. */
  get definition() {
    return defineModule({
      type: "test.keeper",
      summary: "Keeps spans",
      stability: "experimental",
      config: z.strictObject({}),
      provides: [],
      examples: [],
      create: (_config, host) => {
        this.#host = host;
        let detach = () => {};
        return {
          start: () => {
            detach = host.tracing.attach({
              samples: () => true,
              take: (span) => void this.spans.push(span),
            });
          },
          stop: () => detach(),
        };
      },
    });
  }
}
