/**
 * Follows a README as it is written: every `sh` block runs in one shell, and every
 * line of a `text` block must be in what the block before it printed. The first
 * block starts the engine in a second terminal, as it does after `kill -9`.
 *
 * @module
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { ROOT } from "./_process.ts";

/** What must be known of a README. */
export interface ReadmeOptions {
  /** It names these ports, so whoever follows it needs them. */
  readonly ports: readonly number[];
  /** Where the engine keeps its data, from the root of the project. */
  readonly data: string;
}

/**
 * Follows the README at `path`, from the root of the project, in a fresh copy.
 *
 * @throws {AssertionError} naming the line that was not printed.
 */
export async function followReadme(
  path: string,
  { ports, data }: ReadmeOptions,
): Promise<void> {
  requireFreePorts(ports);
  const folder = await freshCopy();
  const [first, ...blocks] = blocksOf(
    await Deno.readTextFile(join(folder, path)),
  );
  const command = first?.text ?? "";
  assert.match(command, /^deno task start/);
  let engine = await startEngine(folder, command);
  const shell = openShell(folder);
  let printed = "";
  try {
    for (const { language, text } of blocks) {
      if (language === "sh") {
        printed = await shell.run(text);
        if (!text.startsWith("kill -9")) continue;
        await engine.child.status;
        engine = await startEngine(folder, command);
      } else {
        for (const line of text.trim().split("\n")) {
          assert.ok(printed.includes(line), `expected ${line} in:\n${printed}`);
        }
      }
    }
  } finally {
    await shell.close();
    const pid = Number(
      await Deno.readTextFile(join(folder, data, "engine.pid")),
    );
    Deno.kill(pid, "SIGTERM");
    await engine.child.status;
    await engine.drained;
    await Deno.remove(folder, { recursive: true });
  }
}

interface Block {
  readonly language: string;
  readonly text: string;
}

function blocksOf(markdown: string): Block[] {
  return [...markdown.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)]
    .map(([, language = "", text = ""]) => ({ language, text }));
}

function requireFreePorts(ports: readonly number[]): void {
  for (const port of ports) {
    try {
      Deno.listen({ hostname: "127.0.0.1", port }).close();
    } catch (error) {
      throw new Error(
        `Cannot follow the README: port ${port} is in use, stop what listens there`,
        { cause: error },
      );
    }
  }
}

/** A copy of the project with nothing in its data folder. */
async function freshCopy(): Promise<string> {
  const folder = await Deno.makeTempDir();
  const { stdout } = await new Deno.Command("git", {
    args: ["ls-files", "-co", "--exclude-standard", "-z"],
    cwd: ROOT,
  }).output();
  const files = new TextDecoder().decode(stdout).split("\0").filter((file) =>
    file !== ""
  );
  const copy = new Deno.Command("tar", {
    args: ["-C", folder, "-xf", "-"],
    stdin: "piped",
  }).spawn();
  const pack = new Deno.Command("tar", {
    args: ["-C", ROOT, "-cf", "-", ...files],
    stdout: "piped",
    stderr: "null",
  }).spawn();
  await pack.stdout.pipeTo(copy.stdin);
  assert.equal((await copy.status).code, 0);
  // The first `deno` on the PATH is the one that runs this test.
  await Deno.mkdir(join(folder, ".bin"));
  await Deno.symlink(Deno.execPath(), join(folder, ".bin", "deno"));
  return folder;
}

function environment(folder: string): Record<string, string> {
  return {
    PATH: `${join(folder, ".bin")}:${Deno.env.get("PATH")}`,
    NO_COLOR: "1",
  };
}

/** The terminal in which the engine runs. */
async function startEngine(folder: string, command: string) {
  const child = new Deno.Command("bash", {
    args: ["-c", command],
    cwd: folder,
    env: environment(folder),
    stdout: "piped",
    stderr: "null",
  }).spawn();
  let output = "";
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  while (!/^ready /m.test(output)) {
    const { value, done } = await reader.read();
    assert.ok(!done, `the engine ended before it was ready: ${output}`);
    output += value;
  }
  const drained = (async () => {
    while (!(await reader.read()).done);
  })();
  return { child, drained };
}

/** A shell that keeps its variables from block to block. */
function openShell(folder: string) {
  const child = new Deno.Command("bash", {
    cwd: folder,
    env: environment(folder),
    stdin: "piped",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const input = child.stdin.getWriter();
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let count = 0;
  return {
    async run(text: string): Promise<string> {
      const mark = `--- end of block ${++count} ---`;
      await input.write(
        new TextEncoder().encode(`${text}\necho\necho "${mark}"\n`),
      );
      let output = "";
      while (!output.includes(mark)) {
        const { value, done } = await reader.read();
        if (done) break;
        output += value;
      }
      return output.replace(mark, "");
    },
    async close() {
      await input.close();
      await reader.cancel();
      await child.status;
    },
  };
}
