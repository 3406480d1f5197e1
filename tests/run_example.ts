/**
 * Boots the document of an example and makes its exchanges, as a reader would.
 *
 * @module
 */
import { dirname, join } from "node:path";
import type { AnyDefinition, Example } from "../engine/define.ts";
import { differences, exampleYaml } from "../engine/derive/example.ts";
import { startApplication } from "../engine/testing.ts";

/** What an example came to. */
export interface ExampleRun {
  /** What was answered otherwise than promised; empty if all is well. */
  readonly differences: readonly string[];
  /** How many exchanges were made. */
  readonly exchanges: number;
}

/**
 * Runs one example from its printed YAML, so that the page is what is tested.
 *
 * @throws {ConfigError | LifecycleError} if it does not boot.
 */
export async function runExample(
  example: Example,
  definitions: Iterable<AnyDefinition>,
): Promise<ExampleRun> {
  const found: string[] = [];
  await using folder = await folderOf(example);
  await using app = await startApplication({
    document: exampleYaml(example),
    definitions,
    folder: folder.path,
    strict: true,
  });
  const exchanges = example.exchanges ?? [];
  for (const { request, response } of exchanges) {
    const { method, path, headers, body } = request;
    const answer = await app.request(method, path, {
      ...(headers && { headers }),
      ...(body !== undefined && { body }),
    });
    const got = {
      status: answer.status,
      headers: answer.headers,
      body: await answer.text(),
    };
    const unlike = differences(response, got);
    found.push(...unlike.map((text) => `${method} ${path}: ${text}`));
    // What an answer set in motion is over before the next request.
    await app.effects.advance(0);
  }
  return { differences: found, exchanges: exchanges.length };
}

/** A folder that holds the files of an example, and vanishes with its run. */
async function folderOf(
  { files }: Example,
): Promise<{ readonly path: string } & AsyncDisposable> {
  const path = await Deno.makeTempDir({ prefix: "example_" });
  for (const [name, text] of Object.entries(files ?? {})) {
    await Deno.mkdir(dirname(join(path, name)), { recursive: true });
    await Deno.writeTextFile(join(path, name), text);
  }
  return {
    path: `${path}/`,
    [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }),
  };
}
