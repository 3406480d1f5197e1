/**
 * What steps of pipelines can ask of kept resources.
 *
 * @module
 */
import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import type { ActionDefinition } from "@engine/define.ts";
import { RefusedError } from "@engine/errors.ts";
import type { Actions } from "@engine/services/actions.ts";
import type {
  Persistence,
  Resource,
  ResourceData,
} from "@engine/services/persistence.ts";
import { EncryptedRecords } from "./_encrypted_records.ts";

const place = {
  type: z.string().min(1).describe(
    "The resources, as their api.handler calls them",
  ).meta({ examples: ["orders"] }),
  id: z.string().min(1).describe("Which of them"),
};

const getInput = z.strictObject(place);

const typeInput = z.strictObject({ type: place.type });

const writeInput = z.strictObject({
  ...place,
  data: z.record(z.string(), z.unknown()).describe("Its fields"),
});

const resource = z.strictObject({
  id: place.id,
  data: z.record(z.string(), z.unknown()).describe("Its fields"),
  createdAt: z.number().describe("When it was made, since 1970").meta({
    unit: "ms",
  }),
  updatedAt: z.number().describe("When it was last changed, since 1970").meta({
    unit: "ms",
  }),
});

/** The actions, by name. */
export const storeActions = {
  get: {
    summary: "Reads a resource; refuses not-found if there is none",
    input: getInput,
    output: resource,
  },
  create: {
    summary: "Makes a resource; one that is there with the same data is made",
    input: writeInput,
    output: resource,
  },
  replace: {
    summary: "Replaces the data of a resource; refuses not-found",
    input: writeInput,
    output: resource,
  },
  reencrypt: {
    summary:
      "Encrypts the resources of a type with the first key, where they have another or none",
    input: typeInput,
    output: z.strictObject({
      checked: z.int().describe("How many resources there were").meta({
        unit: "count",
      }),
      changed: z.int().describe("How many of them were encrypted anew").meta({
        unit: "count",
      }),
    }),
  },
} satisfies Readonly<Record<string, ActionDefinition>>;

/** Does the actions. Those that write may run twice, and then change nothing. */
export function actingOn(persistence: Persistence): Actions {
  return {
    async act(action, input) {
      const collection = (type: string) => persistence.collection(type);
      if (action === "reencrypt") {
        return await reencrypt(persistence, typeInput.parse(input).type);
      }
      if (action === "get") {
        const { type, id } = getInput.parse(input);
        return shown(await collection(type).get(id), { type, id });
      }
      const { type, id, ...rest } = writeInput.parse(input);
      // The input was JSON, and its schema leaves the data as they are.
      const data = rest.data as ResourceData;
      if (action === "replace") {
        return shown(await collection(type).replace(id, data), { type, id });
      }
      return await create(persistence, { type, id, data });
    },
  };
}

/** Finds all done when it runs again. */
async function reencrypt(persistence: Persistence, type: string) {
  if (!(persistence instanceof EncryptedRecords)) {
    throw new RefusedError(
      "wrong-state",
      `Cannot encrypt "${type}" anew: the module has no "encryption"`,
    );
  }
  const { checked, changed } = await persistence.reencrypt(type);
  return { checked, changed };
}

/** The step may have run before, and the process died before it was told. */
async function create(
  persistence: Persistence,
  { type, id, data }: {
    readonly type: string;
    readonly id: string;
    readonly data: ResourceData;
  },
) {
  const resources = persistence.collection(type);
  const made = await resources.create(id, data) ?? await resources.get(id);
  if (made === undefined || isDeepStrictEqual(made.data, data)) {
    return shown(made, { type, id });
  }
  throw new RefusedError(
    "already-exists",
    `Cannot make "${id}" of "${type}": there is one with other data`,
  );
}

function shown(
  resource: Resource | undefined,
  { type, id }: { readonly type: string; readonly id: string },
) {
  if (resource === undefined) {
    throw new RefusedError("not-found", `"${type}" has no "${id}"`);
  }
  const { data, createdAt, updatedAt } = resource;
  return { id, data, createdAt, updatedAt };
}
