/**
 * Runs workflows when a test says so. A document that is run for real has no use
 * for it: nothing outside of a test can ask.
 *
 * @module
 */
import { z } from "zod";
import { defineTrigger, type JsonObject } from "@engine/define.ts";
import { messageOf } from "@engine/errors.ts";

const entry = z.strictObject({
  workflow: z.string().min(1).meta({ scope: "workflow" }).describe(
    "The name of a state machine definition, or a workflow type such as messaging",
  ),
  action: z.string().min(1).meta({ scope: "action" }).describe(
    "What the workflow is to do",
  ),
  afterMs: z.int().min(0).default(0).meta({ unit: "ms" }).describe(
    "How long after the start of the document, or its reload; in a test, by its own clock",
  ),
  data: z.record(z.string(), z.unknown()).default({}).describe(
    "What the workflow gets",
  ),
});

export default defineTrigger({
  type: "mock",
  summary: "For tests only: runs workflows at given times after the start",
  config: z.strictObject({
    dispatch: z.array(entry).default([]).describe(
      "What is run, each once a start or reload, in this order where the times are equal",
    ),
  }),
  wire(config, host) {
    const { clock } = host.effects;
    const undo = config.dispatch.map(({ workflow, action, afterMs, data }) =>
      clock.after(afterMs, () => {
        const source = `mock ${workflow}.${action}`;
        host.dispatch(workflow, action, data as JsonObject, { source }).catch(
          (error) => host.log.error(`${source} failed: ${messageOf(error)}`),
        );
      })
    );
    if (config.dispatch.length > 0) {
      host.log.warn("The document has a mock trigger, which is for tests only");
    }
    return {
      unwire() {
        for (const undoOne of undo) undoOne();
      },
    };
  },
});
