/**
 * Fills a collection from a file. A seed is planted once: what a client deletes
 * does not come back at the next start.
 *
 * @module
 */
import { resolve } from "node:path";
import { messageOf } from "@engine/errors.ts";
import type { ResourceData } from "@engine/services/persistence.ts";
import { z } from "zod";
import { jsonFault } from "../_json_fault.ts";
import { settle } from "./_change.ts";
import { idFault } from "./_id.ts";
import { isJsonObject } from "./_json.ts";
import type { ResourceApi } from "./_resource_api.ts";

/** One resource of a seed file. */
export interface Seed {
  readonly id: string;
  readonly data: ResourceData;
  readonly state: string | undefined;
}

/** Further fields are let through, as the original does. */
const entryShape = z.looseObject({
  id: z.string(),
  data: z.unknown().default({}),
  state: z.string().optional(),
});

/**
 * Reads a seed file, whose path may be relative to the folder of the document.
 *
 * @throws {Error} naming the file, the entry and the field that is wrong.
 */
export async function readSeeds(
  file: string,
  folder: string | undefined,
): Promise<readonly Seed[]> {
  let text: string;
  try {
    text = await Deno.readTextFile(resolve(folder ?? ".", file));
  } catch (error) {
    throw new Error(`Cannot load the seeds "${file}": ${messageOf(error)}`, {
      cause: error,
    });
  }
  return parseSeeds(file, text);
}

/** Reads the text of a seed file. Throws as `readSeeds` does. */
export function parseSeeds(file: string, text: string): readonly Seed[] {
  let list: unknown;
  try {
    list = JSON.parse(text);
  } catch (error) {
    throw seedError(file, `it is not valid JSON (${messageOf(error)})`);
  }
  if (!Array.isArray(list)) {
    throw seedError(file, "it is not a list of {id, data, state}");
  }
  const ids = new Set<string>();
  return list.map((entry, index) => {
    const seed = parseEntry(file, index, entry);
    if (ids.has(seed.id)) {
      throw seedError(file, `entry ${index} has the id "${seed.id}" once more`);
    }
    ids.add(seed.id);
    return seed;
  });
}

/**
 * Makes the resources of seeds that were never planted, and the instances of
 * those that have none yet.
 */
export async function plantSeeds(
  api: ResourceApi,
  seeds: readonly Seed[],
): Promise<void> {
  const { store } = api.host;
  for (const { id, data, state } of seeds) {
    const key = ["api-seed", api.config.resourceName, id];
    if (await store.get(key) === undefined) {
      const first = state || api.stateIn(data);
      await api.collection.create(id, data, first ? { state: first } : {});
      // If the process dies before this, the next start finds the resource.
      await store.commit({ sets: [{ key, value: true }] });
    }
    const resource = await api.collection.get(id);
    if (resource === undefined) continue;
    const { instance } = await settle(api, resource);
    if (!state || instance?.sequence !== 0 || instance.state === state) {
      continue;
    }
    api.host.log.warn(
      `Seed "${id}" is in state "${instance.state}" instead of "${state}"`,
    );
  }
}

function parseEntry(file: string, index: number, entry: unknown): Seed {
  const parsed = entryShape.safeParse(entry);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const field = issue?.path.join(".") || "the entry";
    throw seedError(file, `entry ${index}: ${field}: ${issue?.message}`);
  }
  const { id, data, state } = parsed.data;
  const fault = idFault(id);
  if (fault !== undefined) {
    throw seedError(file, `entry ${index}: id: ${fault}`);
  }
  if (!isJsonObject(data)) {
    throw seedError(file, `entry ${index}: data: expected an object`);
  }
  const dataFault = jsonFault(data);
  if (dataFault !== undefined) {
    throw seedError(file, `entry ${index}: data: it ${dataFault}`);
  }
  return { id, data, state };
}

function seedError(file: string, fault: string): Error {
  return new Error(`Cannot load the seeds "${file}": ${fault}`);
}
