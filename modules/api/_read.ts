/**
 * Reads one resource: itself, its summary, its history.
 *
 * @module
 */
import type { JsonObject } from "@engine/define.ts";
import type { HttpContext } from "@engine/services/http_handler.ts";
import type { ResourceData } from "@engine/services/persistence.ts";
import { answer, emptyAnswer } from "./_answer.ts";
import type { Caller } from "./_caller.ts";
import { settle, type Settled } from "./_change.ts";
import { fieldOf, isJsonObject, type JsonValue } from "./_json.ts";
import { isListed } from "./_precondition.ts";
import { HttpRefusal } from "./_refusal.ts";
import { etagOf, type ResourceApi } from "./_resource_api.ts";

/** Answers with one resource; 304 if the client has it as it is. */
export async function readResource(
  api: ResourceApi,
  caller: Caller,
  context: HttpContext,
  id: string,
): Promise<Response> {
  const { resource, instance } = await present(api, caller, id);
  context.instance = instance;
  const ifNoneMatch = context.request.headers.get("if-none-match");
  const etag = etagOf(resource, instance);
  return ifNoneMatch !== null && isListed(etag, ifNoneMatch)
    ? emptyAnswer(304, { etag })
    : answer(200, api.view(resource, instance), { etag });
}

/** Answers with a part of a resource. */
export async function readPart(
  api: ResourceApi,
  caller: Caller,
  id: string,
  part: string,
): Promise<Response> {
  if (part !== "summary" && part !== "history") {
    throw new HttpRefusal(404, `Cannot find "${part}" of "${id}"`);
  }
  const { resource, instance } = await present(api, caller, id);
  if (part === "summary") {
    const { state, lastUpdate } = api.view(resource, instance);
    const fields = summaryOf(api, resource.data, instance?.data ?? {});
    return answer(200, { ...fields, id, state, lastUpdate });
  }
  if (instance === undefined) {
    throw new HttpRefusal(
      404,
      `Cannot show the history of "${id}": no state machine keeps its state`,
    );
  }
  const entries = await api.machine.history(instance);
  return answer(
    200,
    // Who asked, and what follows, is for those who run the application.
    entries.map(({ source: _, handlers: __, ...entry }) => ({
      ...entry,
      at: new Date(entry.at).toISOString(),
    })),
  );
}

async function present(
  api: ResourceApi,
  caller: Caller,
  id: string,
): Promise<Settled> {
  const resource = await api.visible(id, caller);
  // A view writes nothing, so it makes no instance either.
  return api.isView
    ? { resource, instance: await api.machine.find(resource) }
    : await settle(api, resource);
}

/**
 * The fields that the document names, of the resource or else of its instance:
 * there is what the work on it has found out. Without names, all that is flat.
 */
function summaryOf(
  api: ResourceApi,
  data: ResourceData,
  found: ResourceData,
): JsonObject {
  const { summaryFields } = api.config;
  const { mapping } = api;
  const entries: (readonly [string, JsonValue | undefined])[] =
    summaryFields.length > 0
      ? summaryFields.map((name) => [
        name,
        mapping.read(data, name) ?? mapping.read(found, name),
      ])
      : Object.keys(data).map((name) => [name, fieldOf(data, name)]);
  return Object.fromEntries(
    entries.filter(([, value]) =>
      value !== undefined && (summaryFields.length > 0 || isFlat(value))
    ),
  );
}

/** Whether a value is a scalar or a list of scalars. */
function isFlat(value: JsonValue | undefined): boolean {
  return Array.isArray(value)
    ? value.every((item) => !Array.isArray(item) && !isJsonObject(item))
    : !isJsonObject(value);
}
