/**
 * Documents over HTTP: read them with their ETag, write them with If-Match.
 *
 * @module
 */
import { Hono } from "hono";
import { DOCUMENT_ID_RULE, hasErrors, isDocumentId } from "../engine/mod.ts";
import type { StoredDocument } from "../platform/documents.ts";
import type { ManagementOptions } from "./management.ts";
import { problem } from "./problem_answer.ts";

/** Mounted at `/api/documents`. */
export function documentRoutes({ engine, documents }: ManagementOptions): Hono {
  const app = new Hono();
  app.get("/", async (context) => {
    const list = await documents.list();
    return context.json(list.map(summary));
  });
  app.get("/:id", async (context) => {
    const document = await documents.get(context.req.param("id"));
    if (!document) return unknown(context.req.param("id"));
    if (context.req.header("if-none-match") === document.etag) {
      return new Response(null, {
        status: 304,
        headers: { etag: document.etag },
      });
    }
    return text(document);
  });
  app.put("/:id", async (context) => {
    const id = context.req.param("id");
    if (!isDocumentId(id)) return problem(400, "invalid-id", DOCUMENT_ID_RULE);
    const wanted = precondition(context.req.raw.headers);
    if (wanted === "missing") {
      return problem(
        428,
        "precondition-required",
        'Send the ETag that was read as "If-Match", or "If-None-Match: *" for a new document',
      );
    }
    const content = await context.req.text();
    const present = await documents.get(id);
    if (present && wanted.etag === undefined) return exists(present);
    const { problems } = await engine.load(
      await documents.sourceOf(id, content),
    );
    if (hasErrors(problems)) {
      return problem(422, "invalid-document", "The document has errors", {
        problems,
      });
    }
    const written = await documents.put(id, content, wanted.etag);
    if (written.kind === "twin") return exists(written.document, 409);
    if (written.kind === "changed") {
      if (wanted.etag === undefined && written.document) {
        return exists(written.document);
      }
      return problem(412, "changed", "Somebody else has changed the document", {
        headers: written.document ? { etag: written.document.etag } : {},
      });
    }
    const { document } = written;
    return context.json(
      { ...summary(document), problems },
      present ? 200 : 201,
      {
        etag: document.etag,
      },
    );
  });
  return app;
}

/** What the writer says the present state is; `etag` is absent for "none". */
function precondition(
  headers: Headers,
): "missing" | { etag: string | undefined } {
  const match = headers.get("if-match");
  if (match !== null) return { etag: match };
  return headers.get("if-none-match") === "*" ? { etag: undefined } : "missing";
}

/** The answer to who makes a document that is there. */
function exists({ id, etag }: StoredDocument, status: 409 | 412 = 412) {
  const headers = status === 412 ? { etag } : {};
  return problem(status, "already-exists", `There is a "${id}" already`, {
    headers,
  });
}

/** A document as YAML, byte for byte. */
export function text(document: StoredDocument): Response {
  return new Response(document.text, {
    headers: {
      "content-type": "application/yaml; charset=utf-8",
      etag: document.etag,
    },
  });
}

/** The answer for a document that does not exist. */
export function unknown(id: string): Response {
  return problem(404, "not-found", `No document is called "${id}"`);
}

function summary({ id, etag, origin, file, running }: StoredDocument) {
  return { id, etag, origin, file, running };
}
