/**
 * Reads a probe: the source of a component that tries something, behind comments
 * that say what it tries and what it is given for that.
 *
 * Code that other tools would follow, or could not read, stands in one block
 * comment: `deno check` would fetch what a static import names.
 *
 * @module
 */
import type { Grants } from "../grants.ts";
import type { Isolation } from "../hosts.ts";

/** A component that tries something. */
export interface Probe {
  /** The name of its file. */
  readonly name: string;
  /** What it tries, in a sentence. */
  readonly tries: string;
  readonly source: string;
  /** What it is granted; names in capitals stand for what a trial starts. */
  readonly grants: Partial<Grants>;
  /** How long one call may take, in milliseconds. */
  readonly executionMs: number;
  /** How often it is called. */
  readonly calls: number;
  /** Where it runs alone, since it needs much or takes its host with it. */
  readonly aloneIn: readonly Isolation[];
}

const FOLDER = new URL("./probes/", import.meta.url);

/** How long one call of a probe may take where it says nothing, in milliseconds. */
const EXECUTION_MS = 300;

/** All probes, by name. */
export function readProbes(): Probe[] {
  return [...Deno.readDirSync(FOLDER)]
    .filter(({ name }) => name.endsWith(".ts"))
    .map(({ name }) => readProbe(name.slice(0, -3)))
    .sort((a, b) => a.name < b.name ? -1 : 1);
}

/** The probe in `probes/<name>.ts`. */
export function readProbe(name: string): Probe {
  const text = Deno.readTextFileSync(new URL(`${name}.ts`, FOLDER));
  const lines = text.split("\n");
  const end = lines.findIndex((line) => !line.startsWith("//"));
  const comments = lines.slice(0, end).map((line) => line.slice(2).trim());
  const settings = new Map(
    comments.flatMap((line) => {
      const match = /^(grants|executionMs|calls|alone): (.+)$/.exec(line);
      return match === null ? [] : [[match[1], JSON.parse(match[2] ?? "")]];
    }),
  );
  return {
    name,
    tries: comments.filter((line) => !/^(@|deno-|\w+: )/.test(line)).join(" "),
    source: uncommented(lines.slice(end).join("\n").trim()),
    grants: settings.get("grants") ?? {},
    executionMs: settings.get("executionMs") ?? EXECUTION_MS,
    calls: settings.get("calls") ?? 1,
    aloneIn: settings.get("alone") ?? [],
  };
}

function uncommented(code: string): string {
  return code.startsWith("/*\n") && code.endsWith("\n*/")
    ? code.slice(3, -3)
    : code;
}
