/**
 * Does what the comment on top of an example document says, on a simulated
 * network and clock.
 *
 * @module
 */
import assert from "node:assert/strict";
import { basename, dirname, join } from "node:path";
import { definitions } from "../catalog.gen.ts";
import {
  type SimulatedEffects,
  simulatedEffects,
} from "../engine/simulation/effects.ts";
import { startApplication, type TestApplication } from "../engine/testing.ts";
import { exampleComment, type Question } from "./_example_comment.ts";
import { ROOT } from "./_process.ts";

/** What later questions may name, with a dollar sign in front. */
export type Names = Readonly<Record<string, string>>;

/**
 * Boots what the comment says, in strict mode, and asks what it asks.
 *
 * @param path From the root of the project.
 * @param after Called with what runs at the end, and what was learnt.
 */
export async function followComment(
  path: string,
  after: (
    app: TestApplication<SimulatedEffects>,
    names: Names,
  ) => Promise<void> = () => Promise.resolve(),
): Promise<void> {
  const read = (file: string) => Deno.readTextFile(join(ROOT, file));
  const { files, questions } = exampleComment(await read(path));
  assert.ok(files.includes(path), "it starts itself");
  assert.ok(questions.length > 0, "there is something to ask");
  const effects = simulatedEffects();
  await using running = new AsyncDisposableStack();
  const apps: TestApplication<SimulatedEffects>[] = [];
  for (const file of files) {
    const app = await startApplication({
      document: await read(file),
      definitions,
      effects,
      folder: `${join(ROOT, dirname(file))}/`,
      strict: true,
      id: basename(file, ".yaml"),
    });
    apps.push(running.use(app));
  }
  let names: Names = {};
  for (const question of questions) {
    const heard = apps.map(({ logs }) => logs.length);
    await effects.advance(question.sleepMs);
    const answer = await ask(question, names, effects.network.fetch);
    names = { ...names, ...namesIn(answer) };
    await effects.advance(0);
    const lines = apps.flatMap(({ logs }, index) => logs.slice(heard[index]))
      .map(({ message, fields }) => `${fields.module}: ${message}`);
    for (const line of question.logs) {
      assert.ok(lines.includes(line), `${line} is not in ${lines.join("\n")}`);
    }
  }
  const [first] = apps;
  if (first !== undefined) await after(first, names);
}

/** The headers and the body of an answer that is as the comment says. */
export async function ask(
  { command, method, url, headers, body, status, text }: Question,
  names: Names,
  fetch: (url: string, init: RequestInit) => Promise<Response>,
): Promise<string> {
  const fill = (written: string) =>
    written.replace(/\$([A-Z]+)/g, (all, name) => names[name] ?? all);
  const filled = Object.entries(headers)
    .map(([name, value]) => [name, fill(value)] as const);
  const response = await fetch(fill(url), {
    method,
    headers: Object.fromEntries(filled),
    ...(body === undefined ? {} : { body }),
  });
  const head = [...response.headers].map((pair) => pair.join(": ")).join("\n");
  const answer = `${head}\n\n${await response.text()}`;
  assert.equal(response.status, status, `${command}\n${answer}`);
  assert.ok(answer.includes(text), `${command}\nhas no ${text} in\n${answer}`);
  return answer;
}

/** The token and the run of an answer, for those that come after it. */
function namesIn(answer: string): Names {
  const token = /"token":"([^"]+)"/.exec(answer)?.[1];
  const run = /"run":"([^"]+)"/.exec(answer)?.[1];
  return {
    ...token === undefined ? {} : { TOKEN: token },
    ...run === undefined ? {} : { RUN: run },
  };
}
