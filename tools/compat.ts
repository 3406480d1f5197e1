/**
 * Tries every document of a folder, whoever wrote it, and says of each whether it
 * loads, starts and serves, and what of it has no effect:
 *
 *     deno task compat FOLDER [--json]
 *
 * Exit code 1 if one of them does not load, does not start, or answers a request
 * with a failure of its own.
 *
 * @module
 */
import { dirname, relative, resolve } from "node:path";
import { isFault, passes, type Trial, tryDocument } from "./compat/trial.ts";

/** Keys that make a YAML file a document. */
const SECTIONS = /^(modules|workflows|triggers|pipelines|links):/m;

async function main(args: readonly string[]): Promise<number> {
  const [folder] = args.filter((argument) => !argument.startsWith("--"));
  if (folder === undefined || args.includes("--help")) {
    console.error("Usage: deno task compat FOLDER [--json]");
    return folder === undefined ? 2 : 0;
  }
  const trials: Trial[] = [];
  const isJson = args.includes("--json");
  const files = (await Array.fromAsync(documentsIn(resolve(folder))))
    .toSorted();
  if (files.length === 0) {
    console.error(`Cannot find a document in ${folder}: expected .yaml files`);
    return 1;
  }
  for (const path of files) {
    const trial = await tryDocument(await Deno.readTextFile(path), {
      file: relative(resolve(folder), path),
      folder: `${dirname(path)}/`,
      env: Deno.env.toObject(),
    });
    trials.push(trial);
    if (!isJson) console.log(reportOf(trial));
  }
  const failed = trials.filter((trial) => !passes(trial)).length;
  if (isJson) console.log(JSON.stringify(trials, null, 2));
  else console.log(`\n${trials.length} documents, ${failed} with a fault`);
  return failed === 0 ? 0 : 1;
}

async function* documentsIn(folder: string): AsyncGenerator<string> {
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const path = `${folder}/${name}`;
    if (isDirectory) yield* documentsIn(path);
    else if (/\.ya?ml$/.test(name)) {
      if (SECTIONS.test(await Deno.readTextFile(path))) yield path;
    }
  }
}

/** A line of what became of it, and one for each thing to be known. */
function reportOf(trial: Trial): string {
  const { file, errors, startError, answers, unasked, ineffective, stoodIn } =
    trial;
  const bad = answers.filter(isFault);
  const good = answers.filter(({ status }) => status < 500).length;
  const away = answers.length - good - bad.length;
  const marks = [
    errors.length === 0 ? "loads" : "does not load",
    ...errors.length > 0
      ? []
      : [startError === undefined ? "starts" : "does not start"],
    ...answers.length > 0 ? [`serves ${good} of ${answers.length}`] : [],
    ...away > 0 ? [`${away} of a backend that is not there`] : [],
    ...unasked > 0 ? [`${unasked} routes not asked`] : [],
    ...ineffective.length > 0 ? [`${ineffective.length} without effect`] : [],
  ];
  return [
    `${passes(trial) ? "ok    " : "FAULT "} ${file}: ${marks.join(", ")}`,
    ...errors.map((line) => `         error ${line}`),
    ...startError === undefined ? [] : [`         ${startError}`],
    ...bad.map(({ method, path, status }) =>
      `         ${method} ${path} answers ${status}`
    ),
    ...stoodIn.length > 0 ? [`         not set: ${stoodIn.join(", ")}`] : [],
    ...ineffective.map((line) => `         no effect ${line}`),
  ].join("\n");
}

if (import.meta.main) Deno.exit(await main(Deno.args));
