/**
 * The broker of one component: what the document grants it, done in its name,
 * counted and told.
 *
 * @module
 */
import { relative } from "node:path";
import { Broker } from "../../components/broker.ts";
import { mayTouch, PermissionError } from "../../components/grants.ts";
import type { Host, JsonObject } from "@engine/define.ts";
import { TerminalError } from "@engine/errors.ts";
import type { Actions } from "@engine/services/actions.ts";
import type { Counts } from "./_counts.ts";
import { fileInside, newFileInside } from "./_folder.ts";
import type { SandboxSettings } from "./_settings.ts";

/** Whose broker it is. */
export interface GrantedOptions {
  readonly host: Host;
  readonly settings: SandboxSettings;
  readonly counts: Counts;
}

/** Makes it. */
export function grantedBroker(options: GrantedOptions): Broker {
  const { host, settings: { id, grants, secrets }, counts } = options;
  return new Broker({
    ...{ component: id, grants, secrets, effects: host.effects },
    files: {
      read: async (path) => {
        const file = await fileInside(folderOf(host), path);
        await checkLinks("read", file, options);
        return await Deno.readFile(file);
      },
      write: async (path, content) => {
        const file = await newFileInside(folderOf(host), path);
        await checkLinks("write", file, options);
        await Deno.writeFile(file, content);
      },
    },
    service: (name, method, params, context) =>
      act(options, { name, method, params }, context),
    onRefused: (error) => refused(error, options),
    onUsed: (capability, what) => counts.used(capability, what),
  });
}

/** The required modules that the document has, with the actions of each. */
export function requiredActions(
  host: Host,
  requires: readonly string[],
): Readonly<Record<string, readonly string[]>> {
  return Object.fromEntries(
    requires.flatMap((name) => {
      const actions = host.actions(name);
      return actions === undefined ? [] : [[name, Object.keys(actions)]];
    }),
  );
}

/** Says which required modules the document does not have. */
export function warnOfMissing(host: Host, requires: readonly string[]): void {
  const found = requiredActions(host, requires);
  for (const name of requires) {
    if (Object.hasOwn(found, name)) continue;
    host.log.warn(
      `A required module is left out: no module is called "${name}", or it has no actions`,
      { name },
    );
  }
}

async function act(
  { host, settings: { id, requires }, counts }: GrantedOptions,
  { name, method, params }: {
    readonly name: string;
    readonly method: string;
    readonly params: unknown;
  },
  context: Parameters<Actions["act"]>[2],
): ReturnType<Actions["act"]> {
  const action = requires.includes(name)
    ? host.actions(name)?.[method]
    : undefined;
  if (action === undefined) {
    throw new TerminalError(
      `${id} may not use "${name}.${method}": to grant it, add ` +
        `"${name}" to its requires`,
    );
  }
  const input = action.input.safeParse(params);
  if (!input.success) {
    throw new TerminalError(
      `Cannot do ${name}.${method}: ${input.error.message}`,
    );
  }
  counts.used("requires", `${name}.${method}`);
  const actions = host.use<Actions>(name);
  return await actions.act(method, input.data as JsonObject, context);
}

/** A link in what is granted may lead to what is not. */
async function checkLinks(
  capability: "read" | "write",
  file: string,
  options: GrantedOptions,
): Promise<void> {
  const { host, settings: { id: component, grants } } = options;
  const wanted = relative(await Deno.realPath(folderOf(host)), file);
  if (mayTouch(grants[capability], wanted)) return;
  const error = new PermissionError({ component, capability, wanted });
  refused(error, options);
  throw error;
}

function refused(
  error: PermissionError,
  { host, settings: { id: component }, counts }: GrantedOptions,
): void {
  const { message, capability, wanted } = error;
  if (error.isGrantable) counts.refused(capability, wanted);
  const fields = { component, capability, wanted };
  host.log.warn(message, fields);
  host.notify("notice", { message, severity: "warning", ...fields });
  if (!host.meter.active) return;
  host.meter.recordOwn("component_refusals_total", {
    component,
    capability,
  }, 1);
}

function folderOf({ folder }: Host): string {
  if (folder !== undefined) return folder;
  throw new TerminalError("The document is no file, so it has no folder");
}
