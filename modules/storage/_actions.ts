/**
 * What steps of pipelines can ask of a bucket.
 *
 * @module
 */
import { z } from "zod";
import {
  type ActionDefinition,
  duration,
  durationMs,
  type Host,
  type JsonValue,
} from "@engine/define.ts";
import { TerminalError } from "@engine/errors.ts";
import type { Actions } from "@engine/services/actions.ts";
import type { ObjectFacts } from "@engine/services/object_storage.ts";
import { type Bucket, noSuchObject } from "./_bucket.ts";
import { fileIn } from "./_document_file.ts";

/** The longest life of a presigned URL that S3 allows, in milliseconds: a week. */
const PRESIGNED_MS_MAX = 7 * 24 * 3_600_000;

/** How much of an object a step takes where nothing else is said: 8 MiB. */
const GET_BYTES_MAX = 8 * 1024 * 1024;

const key = z.string().min(1).describe(
  "The key, behind the prefix of the module",
).meta({ examples: ["reports/2026-01.json"] });

const putInput = z.strictObject({
  key,
  json: z.unknown().optional().describe("The content, which is kept as JSON"),
  text: z.string().optional().describe("The content, as text in UTF-8"),
  base64: z.base64().optional().describe("The content, in base64"),
  file: z.string().min(1).optional().describe(
    "A file in the document's folder, of which only a part is in memory at a time",
  ).meta({ widget: "path" }),
  contentType: z.string().min(1).optional().describe(
    "What it is; without it as the content tells: application/json, " +
      "text/plain, or application/octet-stream",
  ),
  metadata: z.record(
    z.string().regex(/^[a-z0-9-]+$/),
    z.string().regex(/^[\x20-\x7e]*$/),
  ).default({}).describe(
    "What to say of it: names in lower case, values in ASCII",
  ),
});

const getInput = z.strictObject({
  key,
  as: z.enum(["text", "json", "base64"]).default("text").describe(
    "How the content is given",
  ),
  bytesMax: z.int().min(1).max(64 * 1024 * 1024).default(GET_BYTES_MAX)
    .describe("The size from which on it is refused").meta({ unit: "bytes" }),
});

const keyInput = z.strictObject({ key });

const listInput = z.strictObject({
  prefix: z.string().default("").describe("How the keys begin"),
  delimiter: z.string().min(1).optional().describe(
    "Puts keys together that are the same up to it, as folders",
  ).meta({ examples: ["/"] }),
  limit: z.int().min(1).max(1_000).default(1_000).describe(
    "How many at most",
  ).meta({ unit: "count" }),
  after: z.string().optional().describe("Where to go on: next of a page"),
});

const presignInput = z.strictObject({
  key,
  method: z.enum(["GET", "PUT"]).default("GET").describe(
    "Whether the URL reads the object or writes it",
  ),
  expiresIn: duration().default("15m").describe(
    "How long the URL can be used, at most a week",
  ),
});

const etag = z.string().describe("Changes whenever the content does");
const modifiedAt = z.number().describe("When it was written, since 1970")
  .meta({ unit: "ms" });
const size = z.number().describe("How long it is").meta({ unit: "bytes" });
const facts = {
  size,
  etag,
  contentType: z.string().describe("What it is"),
  modifiedAt,
  metadata: z.record(z.string(), z.string()).describe("What is said of it"),
};

/** The actions, by name. */
export const bucketActions = {
  put: {
    summary: "Writes an object, replacing the one that is there",
    input: putInput,
    output: z.strictObject({ key, etag }),
  },
  get: {
    summary: "Reads an object; refuses not-found if there is none",
    input: getInput,
    output: z.strictObject({
      key,
      ...facts,
      content: z.unknown().describe("Its content, as was asked"),
    }),
  },
  head: {
    summary: "Tells what is known of an object; refuses not-found",
    input: keyInput,
    output: z.strictObject({ key, ...facts }),
  },
  list: {
    summary: "Lists objects in the order of their keys, page by page",
    input: listInput,
    output: z.strictObject({
      objects: z.array(z.strictObject({ key, size, etag, modifiedAt }))
        .describe("The objects"),
      folders: z.array(z.string()).describe(
        "What keys have in common up to the delimiter",
      ),
      next: z.string().optional().describe(
        "Where the next page begins: pass it as after",
      ),
    }),
  },
  delete: {
    summary: "Removes an object; one that is not there is removed already",
    input: keyInput,
    output: z.strictObject({ key }),
  },
  presign: {
    summary: "Makes a URL by which somebody without credentials gets at an " +
      "object for a while",
    input: presignInput,
    output: z.strictObject({
      url: z.string().describe("The URL"),
      expiresAt: z.number().describe("Until when, since 1970").meta({
        unit: "ms",
      }),
    }),
  },
} satisfies Readonly<Record<string, ActionDefinition>>;

/** What the actions work with. */
export interface ActionParts {
  readonly bucket: Bucket;
  readonly bucketName: string;
  readonly host: Pick<Host, "folder" | "effects">;
}

type Input = Parameters<Actions["act"]>[1];

/** Does one action. All of them may be done twice. */
export async function actOn(
  parts: ActionParts,
  action: string,
  input: Input,
  signal: AbortSignal,
): Promise<JsonValue> {
  const { bucket } = parts;
  switch (action) {
    case "put":
      return await put(parts, putInput.parse(input), signal);
    case "get":
      return await get(parts, getInput.parse(input), signal);
    case "head": {
      const { key } = keyInput.parse(input);
      const found = await bucket.head(key, signal);
      if (found === undefined) throw noSuchObject(key, parts.bucketName);
      return shown(found);
    }
    case "list": {
      const page = await bucket.list(listInput.parse(input), signal);
      return {
        ...page,
        objects: page.objects.map((object) => ({ ...object })),
      };
    }
    case "delete": {
      const { key } = keyInput.parse(input);
      await bucket.delete(key, signal);
      return { key };
    }
    default:
      return await presign(parts, presignInput.parse(input));
  }
}

async function put(
  { bucket, host }: ActionParts,
  { key, contentType, metadata, ...content }: z.output<typeof putInput>,
  signal: AbortSignal,
): Promise<JsonValue> {
  const { body, type } = await bodyOf(content, key, host);
  const options = { contentType: contentType ?? type, metadata, signal };
  return { key, etag: await bucket.put(key, body, options) };
}

/** What is written, and what it is where nobody says. */
async function bodyOf(
  { json, text, base64, file }: Pick<
    z.output<typeof putInput>,
    "json" | "text" | "base64" | "file"
  >,
  key: string,
  { folder }: ActionParts["host"],
) {
  const given = [json, text, base64, file].filter((one) => one !== undefined);
  if (given.length !== 1) {
    throw new TerminalError(
      `Cannot put ${JSON.stringify(key)}: the step has ${given.length} of ` +
        "json, text, base64 and file, and needs one",
    );
  }
  if (file !== undefined) {
    const body = await fileIn(folder, file);
    return { body, type: "application/octet-stream" };
  }
  if (base64 !== undefined) {
    const body = Uint8Array.fromBase64(base64);
    return { body, type: "application/octet-stream" };
  }
  const body = new TextEncoder().encode(text ?? JSON.stringify(json));
  const type = text === undefined
    ? "application/json"
    : "text/plain; charset=utf-8";
  return { body, type };
}

async function get(
  { bucket, bucketName }: ActionParts,
  { key, as, bytesMax }: z.output<typeof getInput>,
  signal: AbortSignal,
): Promise<JsonValue> {
  const found = await bucket.get(key, { bytesMax, signal });
  if (found === undefined) throw noSuchObject(key, bucketName);
  return { ...shown(found.facts), content: contentOf(found.body, as, key) };
}

function contentOf(
  body: Uint8Array<ArrayBuffer>,
  as: z.output<typeof getInput>["as"],
  key: string,
): JsonValue {
  if (as === "base64") return body.toBase64();
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(body);
    return as === "json" ? JSON.parse(text) : text;
  } catch (cause) {
    throw new TerminalError(
      `Cannot read ${JSON.stringify(key)} as ${as}: it is something else`,
      { cause },
    );
  }
}

async function presign(
  { bucket, host }: ActionParts,
  { key, method, expiresIn }: z.output<typeof presignInput>,
): Promise<JsonValue> {
  const ms = durationMs(expiresIn);
  if (ms < 1_000 || ms > PRESIGNED_MS_MAX) {
    throw new TerminalError(
      `Cannot presign ${JSON.stringify(key)}: expiresIn is "${expiresIn}", ` +
        "expected from 1s to 168h",
    );
  }
  const seconds = Math.floor(ms / 1_000);
  // Before it is signed, so that it is not later than what S3 holds to.
  const expiresAt = host.effects.clock.now() + seconds * 1_000;
  return { url: await bucket.presign(method, key, seconds), expiresAt };
}

function shown({ metadata, ...facts }: ObjectFacts) {
  return { ...facts, metadata: { ...metadata } };
}
