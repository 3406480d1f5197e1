/**
 * What to change of a document's text so that something is tied, untied or renamed:
 * it takes the definitions of all types, which browsers do not have. Nothing is
 * written.
 *
 * @module
 */
import { Hono } from "hono";
import { z } from "zod";
import {
  type Catalog,
  connectionsBetween,
  disconnect,
  type Document,
  parse,
  renameDefinition,
  renameModule,
  renamePipeline,
  renameState,
  renameStep,
  renameTransition,
} from "../engine/mod.ts";
import { ParameterError } from "./problem_answer.ts";

const NAME = z.string().min(1).max(200);

const CONNECT = z.strictObject({
  text: z.string(),
  source: NAME,
  target: NAME,
});

const DISCONNECT = z.strictObject({
  text: z.string(),
  /** Of an edge, as the plan has it. */
  path: z.string().min(1),
  implied: z.boolean().default(false),
});

const RENAME = z.strictObject({
  text: z.string(),
  what: z.enum([
    ...["module", "pipeline", "step"] as const,
    ...["definition", "state", "transition"] as const,
  ]).default("module"),
  /** The state machine of a state or a transition, the pipeline of a step. */
  inside: NAME.default(""),
  from: NAME,
  to: NAME,
});

/** Mounted at `/api/workflow`. Each answers with changes, or lists of them. */
export function editRoutes(catalog: Catalog): Hono {
  const app = new Hono();
  app.post("/connections", async ({ req, json }) => {
    const { text, source, target } = await bodyOf(req, CONNECT);
    const document = documentOf(text);
    return json(connectionsBetween(document, catalog, source, target));
  });
  app.post("/disconnection", async ({ req, json }) => {
    const { text, path, implied } = await bodyOf(req, DISCONNECT);
    return json(
      refusing(() => disconnect(documentOf(text), { path, implied })),
    );
  });
  app.post("/renaming", async ({ req, json }) => {
    const { text, ...rename } = await bodyOf(req, RENAME);
    const document = documentOf(text);
    return json(refusing(() => renaming(document, catalog, rename)));
  });
  return app;
}

function renaming(
  document: Document,
  catalog: Catalog,
  { what, inside, from, to }: Omit<z.output<typeof RENAME>, "text">,
) {
  switch (what) {
    case "module":
      return renameModule(document, catalog, from, to);
    case "pipeline":
      return renamePipeline(document, catalog, from, to);
    case "step":
      return renameStep(document, { pipeline: inside, from, to });
    case "definition":
      return renameDefinition(document, catalog, from, to);
    case "state":
      return renameState(document, catalog, { definition: inside, from, to });
    case "transition":
      return renameTransition(document, catalog, {
        ...{ definition: inside, from, to },
      });
  }
}

/** What a refusal is about. */
const PARAMETER = "text";

/** That something is not there, or is taken, is the caller's to know. */
function refusing<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof RangeError) {
      throw new ParameterError(error.message, PARAMETER);
    }
    throw error;
  }
}

function documentOf(text: string): Document {
  const { document, problems } = parse(text, "document.yaml");
  if (document) return document;
  const [first] = problems;
  throw new ParameterError(
    `The text is no document: ${first?.line}:${first?.column} ${first?.message}`,
    "text",
  );
}

/** @throws {ParameterError} The body is not as it must be. */
async function bodyOf<T extends z.ZodType>(
  request: { json(): Promise<unknown> },
  schema: T,
): Promise<z.output<T>> {
  const body = schema.safeParse(await request.json().catch(() => null));
  if (body.success) return body.data;
  const [issue] = body.error.issues;
  const place = issue?.path.join(".") ?? "";
  throw new ParameterError(
    `The body is not as it must be: ${place} ${issue?.message}`,
    place || "body",
  );
}
