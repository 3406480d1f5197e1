/**
 * Boots the document of an example and makes its exchanges, as a reader would.
 *
 * @module
 */
import { dirname, join } from "node:path";
import type {
  AnyDefinition,
  Example,
  ExampleRun as Run,
  JsonObject,
} from "../engine/define.ts";
import { messageOf } from "../engine/errors.ts";
import type { SimulatedEffects } from "../engine/simulation/effects.ts";
import { differences, exampleYaml } from "../engine/derive/example.ts";
import { startApplication, type TestApplication } from "../engine/testing.ts";
import { advanceUntil } from "./_advance.ts";

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
 * @param isInert It is of a type that does nothing, which a strict document refuses.
 * @throws {ConfigError | LifecycleError} if it does not boot.
 */
export async function runExample(
  example: Example,
  definitions: Iterable<AnyDefinition>,
  { isInert = false }: { readonly isInert?: boolean } = {},
): Promise<ExampleRun> {
  const found: string[] = [];
  await using folder = await folderOf(example);
  await using app = await startApplication({
    document: exampleYaml(example),
    definitions,
    folder: folder.path,
    strict: !isInert,
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
  for (const run of example.runs ?? []) {
    found.push(...await unlikeRun(run, app));
  }
  return { differences: found, exchanges: exchanges.length };
}

/** Makes a run, and says how it differs from what the example promises. */
async function unlikeRun(
  { pipeline, input = {}, status = "completed", output, error }: Run,
  app: TestApplication<SimulatedEffects>,
): Promise<string[]> {
  const got = await outcomeOf({ pipeline, input, status }, app);
  const found: string[] = [];
  if (got.status !== status) {
    found.push(`${pipeline}: ${JSON.stringify(got)} instead of ${status}`);
  }
  if (output !== undefined) {
    const body = JSON.stringify(got.output ?? null);
    const answer = { status: 0, headers: new Headers(), body };
    found.push(...differences({ status: 0, body: output }, answer));
  }
  if (error !== undefined && !String(got.error).includes(error)) {
    found.push(
      `${pipeline}: the error is "${got.error}" instead of "${error}"`,
    );
  }
  return found;
}

/** Simulated time between two looks, in milliseconds: far less than a call may take. */
const STEP_MS = 20;

async function outcomeOf(
  { pipeline, input, status }: {
    readonly pipeline: string;
    readonly input: JsonObject;
    readonly status: NonNullable<Run["status"]>;
  },
  app: TestApplication<SimulatedEffects>,
): Promise<{ status?: string; output?: unknown; error?: string }> {
  try {
    const { run } = await app.dispatch(pipeline, "start", input);
    await app.effects.advance(1_000);
    const look = () => app.application.runs.get(String(run));
    const statusNow = async () => (await look())?.summary.status;
    // Components take real time. What it comes to instead is told below.
    await advanceUntil(app.effects, STEP_MS, statusNow, status)
      .catch(() => undefined);
    const view = await look();
    const end = view?.entries.at(-1);
    return {
      status: view?.summary.status ?? "unknown",
      ...end && "output" in end ? { output: end.output } : {},
      ...view?.summary.error ? { error: view.summary.error.message } : {},
    };
  } catch (error) {
    return { status: "failed", error: messageOf(error) };
  }
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
