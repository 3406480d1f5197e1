/**
 * A real browser in front of a real engine: one of each for the tests of a file.
 * A test fails if the page has written an error to the console, or has tried what
 * its content security policy forbids.
 *
 * @module
 */
import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  type Browser,
  type BrowserContext,
  chromium,
  type Page,
} from "playwright-core";
import { walk } from "../../tools/generate/walk.ts";
import { ROOT, type RunningProcess, startProcess } from "../_process.ts";

/** Where Debian's package has it. */
const CHROMIUM = "/usr/bin/chromium";

/** Nothing but the page: no calls home, which this project's machines refuse. */
const FLAGS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Lets in whoever has it. */
export const TOKEN = "the-token-of-the-browser-tests";

/** How long a page may take for anything, in milliseconds. */
const PATIENCE_MS = 30_000;

/** A browser and an engine that a file of tests shares. */
export interface Stage {
  readonly browser: Browser;
  readonly engine: RunningProcess;
  /** Where the pages are: `http://127.0.0.1:1234`. */
  readonly origin: string;
  /** A link that lets one browser in, once. */
  readonly link: string;
}

/** What a test has: a page of its own, signed in. */
export interface Scene extends Stage {
  readonly page: Page;
  readonly context: BrowserContext;
  /** The JSON of the API. */
  // deno-lint-ignore no-explicit-any -- a test reads what it knows is there.
  readonly api: (path: string, init?: RequestInit) => Promise<any>;
  /** Errors that a test expects are taken off by it. */
  readonly faults: string[];
}

/** How a test begins. */
export interface SceneOptions {
  readonly isSignedIn?: boolean;
  readonly theme?: Theme;
}

/** Light or dark. */
export type Theme = "light" | "dark";

/** The themes, each of which must do. */
export const THEMES: readonly Theme[] = ["light", "dark"];

/** A stage, which is taken down at the end. */
export type OwnStage = Stage & Pick<Scene, "api"> & AsyncDisposable;

/** Files beside the document, by their names. */
export type Files = Readonly<Record<string, string>>;

/** Starts a browser and an engine with a document. */
export async function stageOf(
  document: string,
  files: Files = {},
): Promise<OwnStage> {
  return await raise("shop.yaml", { ...files, "shop.yaml": document });
}

/** @param config What the engine is started with, in the folder of the files. */
async function raise(
  config: string,
  files: Files,
  env: Readonly<Record<string, string>> = {},
): Promise<OwnStage> {
  const folder = await Deno.makeTempDir({ prefix: "workflow-browser-" });
  for (const [name, text] of Object.entries(files)) {
    await Deno.mkdir(join(folder, dirname(name)), { recursive: true });
    await Deno.writeTextFile(join(folder, name), text);
  }
  const engine = await startProcess([
    ...["--config", join(folder, config), "--data", join(folder, "data")],
    ...["--management-address", "127.0.0.1:0"],
  ], { env: { WORKFLOW_TOKEN: TOKEN, ...env } });
  const printed = await engine.printed(/^sign in: .*$/m);
  const link = printed.slice("sign in: ".length);
  const { origin } = new URL(link);
  const browser = await chromium.launch({
    executablePath: CHROMIUM,
    args: FLAGS,
  });
  return {
    ...{ browser, engine, link, origin },
    api: apiOf(origin),
    async [Symbol.asyncDispose]() {
      await browser.close();
      await engine.end("SIGKILL");
      await Deno.remove(folder, { recursive: true });
    },
  };
}

/** A stage for the tests of a file; else why there is none. */
export async function stageOfFile(
  document: string,
  files: Files = {},
): Promise<Stage | string> {
  return await kept(() => stageOf(document, files));
}

/** A stage whose engine was started on an empty folder. */
export async function stageOfNothing(): Promise<Stage | string> {
  return await kept(() => raise("", {}));
}

/** A stage with the orders example, which listens on a free port. */
export async function stageOfOrders(): Promise<Stage | string> {
  const folder = "examples/orders/";
  const files: Record<string, string> = {};
  for await (const path of walk(ROOT, folder)) {
    files[path.slice(folder.length)] = await Deno.readTextFile(
      join(ROOT, path),
    );
  }
  const env = { ORDERS_ADDRESS: "127.0.0.1:0" };
  return await kept(() => raise("orders.yaml", files, env));
}

/** Takes a stage down after the tests of a file. */
async function kept(
  raise: () => Promise<OwnStage>,
): Promise<Stage | string> {
  if (!isFile(CHROMIUM)) return `no ${CHROMIUM}`;
  const stage = await raise();
  Deno.test.afterAll(async () => await stage[Symbol.asyncDispose]());
  return stage;
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

/**
 * Defines a test that needs a browser. Where there is none it is ignored, with the
 * reason in its name; but a machine that says it is `CI` must have one.
 */
export function browserTest(
  name: string,
  stage: Stage | string,
  run: (scene: Scene) => Promise<void>,
  options: SceneOptions = {},
): void {
  if (typeof stage === "string") {
    const isRequired = (Deno.env.get("CI") ?? "") !== "";
    return Deno.test({
      name: `${name} (${stage})`,
      ignore: !isRequired,
      fn() {
        throw new Error(`Cannot test on CI: ${stage}`);
      },
    });
  }
  Deno.test({
    name,
    // The browser goes on beside the tests of its file.
    sanitizeOps: false,
    sanitizeResources: false,
    fn: () => play(stage, run, options),
  });
}

async function play(
  stage: Stage,
  run: (scene: Scene) => Promise<void>,
  { isSignedIn = true, theme = "light" }: SceneOptions,
): Promise<void> {
  const { browser, origin } = stage;
  const context = await browser.newContext({
    baseURL: origin,
    viewport: { width: 1440, height: 900 },
    colorScheme: theme,
    reducedMotion: "reduce",
  });
  context.setDefaultTimeout(PATIENCE_MS);
  try {
    const page = await context.newPage();
    const faults = faultsOf(page);
    if (isSignedIn) await signIn(page);
    await run({ ...stage, page, context, faults, api: apiOf(origin) });
    assert.deepEqual(faults, []);
  } finally {
    await context.close();
  }
}

/** What a page has written that it should not: errors, and what was forbidden. */
function faultsOf(page: Page): string[] {
  const faults: string[] = [];
  page.on("console", (message) => {
    if (message.type() !== "error") return;
    faults.push(`${message.text()} (${message.location().url})`);
  });
  page.on("pageerror", (error) => faults.push(String(error)));
  return faults;
}

/** Takes out what a refusal that a test wants makes the browser write. */
export function forget(
  { faults }: Pick<Scene, "faults">,
  status: number,
): void {
  const isWanted = (fault: string) =>
    fault.includes(`responded with a status of ${status}`);
  const kept = faults.filter((fault) => !isWanted(fault));
  faults.splice(0, faults.length, ...kept);
}

/** Signs in with the token, as a person does. */
export async function signIn(page: Page, to = "/runs"): Promise<void> {
  await page.goto(to);
  await page.getByLabel("Management token").fill(TOKEN);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.waitForURL((url) => url.pathname !== "/sign-in");
}

function apiOf(origin: string): Scene["api"] {
  return async (path, init = {}) => {
    const answer = await fetch(origin + path, {
      ...init,
      headers: { authorization: `Bearer ${TOKEN}`, ...init.headers },
    });
    assert.ok(answer.ok, `${path} answers ${answer.status}`);
    return await answer.json();
  };
}

/** Starts a run and returns its id. */
export async function startRun(
  { api }: Pick<Scene, "api">,
  workflow: string,
  input: unknown = {},
): Promise<string> {
  const { run } = await api("/api/runs", {
    method: "POST",
    body: JSON.stringify({ workflow, input }),
  });
  return run;
}

/** Resolves once a run has one of some statuses. */
export async function runIs(
  { api }: Pick<Scene, "api">,
  id: string,
  ...statuses: readonly string[]
): Promise<void> {
  const endMs = Date.now() + PATIENCE_MS;
  while (Date.now() < endMs) {
    const { runs: [run] } = await api(`/api/runs?q=${id}&limit=1`);
    if (statuses.includes(run?.status)) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`The run ${id} is never ${statuses.join(" or ")}`);
}

/** Switches the theme as the button in the rail does. */
export async function useTheme(page: Page, theme: Theme): Promise<void> {
  await page.evaluate(
    (theme) => document.documentElement.setAttribute("data-theme", theme),
    theme,
  );
}

/** Keeps a picture of the page in a folder that git ignores. */
export async function screenshot(page: Page, name: string): Promise<void> {
  const folder = join(ROOT, ".cache", "screenshots");
  await Deno.mkdir(folder, { recursive: true });
  await page.screenshot({ path: join(folder, `${name}.png`) });
}

const AXE = fileURLToPath(import.meta.resolve("axe-core/axe.min.js"));

let axeSource: Promise<string> | undefined;

/** Fails on what keeps people from using the page, as far as rules can tell. */
export async function checkAccess(page: Page, place: string): Promise<void> {
  axeSource ??= Deno.readTextFile(AXE);
  // The policy of the page allows no script tag; the debugger needs none.
  await page.evaluate(await axeSource);
  const found = await page.evaluate(async () => {
    // deno-lint-ignore no-explicit-any -- it was put there above.
    const { violations } = await (globalThis as any).axe.run(document, {
      runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"],
    });
    return violations.map((
      { id, nodes }: { id: string; nodes: { html: string }[] },
    ) => `${id}: ${nodes.slice(0, 3).map(({ html }) => html).join(" | ")}`);
  });
  assert.deepEqual(found, [], place);
}

/** Asks until something is so. */
export async function until(
  what: string,
  isSo: () => Promise<boolean>,
): Promise<void> {
  const endMs = Date.now() + 15_000;
  while (Date.now() < endMs) {
    if (await isSo()) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`It is never so: ${what}`);
}
