/**
 * What a component in a sandbox may do, and how much.
 *
 * @module
 */
import { HOST_MEMORY_BYTES_MAX } from "../../components/protocol.ts";
import { OUTPUT_CHARACTERS_MAX } from "../../components/sandbox.ts";
import type { Host } from "@engine/define.ts";
import type { ComponentManifest } from "@engine/services/user_code.ts";
import { requiredActions } from "./_granted_broker.ts";
import type { SandboxSettings } from "./_settings.ts";
import { envOf, type Version } from "./_version.ts";

/** @param version What runs of it. */
export function manifestOf(
  name: string,
  host: Host,
  settings: SandboxSettings,
  version: Version | undefined,
): ComponentManifest {
  const { source, isolation, grants, executionMs, outputKeys } = settings;
  return {
    ...{ name, file: source, isolation, permissions: { ...grants } },
    hash: version?.hash,
    env: Object.keys(envOf(settings)).sort(),
    secrets: Object.keys(settings.secrets).sort(),
    requires: requiredActions(host, settings.requires),
    limits: {
      ...executionMs === Infinity ? {} : { executionMs },
      ...outputKeys === Infinity ? {} : { outputKeys },
      ...settings.atOnce === Infinity ? {} : { concurrency: settings.atOnce },
      outputCharacters: OUTPUT_CHARACTERS_MAX,
      memoryBytes: HOST_MEMORY_BYTES_MAX,
    },
    contract: version?.contract,
  };
}
