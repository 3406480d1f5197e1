import assert from "node:assert/strict";
import { join } from "node:path";
import { z } from "zod";
import { defineModule, type Host } from "@engine/define.ts";
import { ConfigError } from "@engine/errors.ts";
import { HealthReporter } from "@engine/services/health_reporter.ts";
import { startApplication } from "@engine/testing.ts";
import eventlogger from "./modular.ts";

/** A module that hands its host to the test. */
function probe(hosts: Host[]) {
  return defineModule({
    type: "test.probe",
    summary: "Hands its host to the test",
    stability: "experimental",
    config: z.strictObject({}),
    provides: [],
    examples: [],
    create(_config, host) {
      hosts.push(host);
      return {};
    },
  });
}

interface Options {
  readonly config?: Readonly<Record<string, unknown>>;
  readonly section?: Readonly<Record<string, unknown>>;
}

async function start({ config = {}, section }: Options) {
  const hosts: Host[] = [];
  const folder = `${await Deno.makeTempDir()}/`;
  const app = await startApplication({
    document: {
      modules: [
        { name: "probe", type: "test.probe" },
        { name: "events", type: "eventlogger.modular", config },
      ],
      ...(section === undefined ? {} : { eventlogger: section }),
    },
    definitions: [eventlogger, probe(hosts)],
    folder,
  });
  const [host] = hosts;
  assert.ok(host);
  const read = async (name: string) =>
    (await Deno.readTextFile(join(folder, name))).split("\n").slice(0, -1);
  return {
    ...{ app, folder, read },
    tell: (message: string, severity?: "info" | "warning" | "error") =>
      host.notify("notice", { message, ...(severity ? { severity } : {}) }),
    health: () => app.service(HealthReporter).health(),
    async [Symbol.asyncDispose]() {
      await app.stop();
      await Deno.remove(folder, { recursive: true });
    },
  };
}

const FILE = { type: "file", file: { path: "logs/events.log" } };

/** What is printed while `work` is done. */
async function printed(work: () => Promise<void>): Promise<string[]> {
  const lines: string[] = [];
  const { log } = console;
  console.log = (text: string) => void lines.push(...text.split("\n"));
  try {
    await work();
  } finally {
    console.log = log;
  }
  return lines;
}

Deno.test("eventlogger.modular prints events as JSON, in their order", async () => {
  const lines = await printed(async () => {
    await using world = await start({});
    world.tell("first");
    world.tell("second", "error");
    await world.app.effects.advance(1_000);
  });
  const [running, first, second] = lines.map((line) => JSON.parse(line));
  assert.equal(running.type, "application.running");
  assert.deepEqual(first, {
    time: "2023-11-14T22:13:20.000Z",
    level: "info",
    type: "notice",
    application: "test",
    module: "probe",
    message: "first",
    data: { cursor: first.data.cursor },
  });
  assert.equal(second.level, "error");
  assert.equal(lines.length, 3);
});

Deno.test("eventlogger.modular takes its config from the section of its name as well", async () => {
  const section = { format: "text", logLevel: "ERROR", includeMetadata: false };
  const lines = await printed(async () => {
    await using world = await start({ section });
    world.tell("quiet");
    world.tell("loud\nand forged", "error");
    await world.app.effects.advance(1_000);
  });
  assert.deepEqual(lines, [
    "2023-11-14T22:13:20.000Z ERROR notice [probe] loud\\u000aand forged",
  ]);
  const none = await printed(async () => {
    await using world = await start({ section, config: { enabled: false } });
    world.tell("loud", "error");
    await world.app.effects.advance(1_000);
  });
  assert.deepEqual(none, []);
});

Deno.test("eventlogger.modular shows colours and leaves out times where it is told to", async () => {
  const config = {
    format: "text",
    includeMetadata: false,
    eventTypeFilters: ["notice"],
    outputTargets: [{ console: { useColor: true, timestamps: false } }],
  };
  const lines = await printed(async () => {
    await using world = await start({ config });
    world.tell("look", "warning");
    await world.app.effects.advance(1_000);
  });
  assert.deepEqual(lines, ["\x1b[33mWARN \x1b[0m notice [probe] look"]);
});

Deno.test("eventlogger.modular writes to several targets, each with its own events", async () => {
  const file = (path: string, more: Readonly<Record<string, unknown>>) => ({
    ...{ type: "file", file: { path } },
    ...more,
  });
  await using world = await start({
    config: {
      eventTypeFilters: ["notice", "application.*"],
      eventTypeBlacklist: ["application.reloaded"],
      outputTargets: [
        file("all.log", {}),
        file("errors.log", { level: "error", format: "text" }),
        file("phases.log", { filters: ["application", "run"] }),
      ],
    },
  });
  world.tell("one");
  world.tell("two", "error");
  await world.app.stop();
  const types = async (name: string) =>
    (await world.read(name)).map((line) => JSON.parse(line).type);
  const [running, ...notices] = await types("all.log");
  assert.equal(running, "application.running");
  assert.deepEqual(notices, ["notice", "notice"]);
  assert.deepEqual(await types("phases.log"), ["application.running"]);
  const errors = await world.read("errors.log");
  assert.equal(errors.length, 1);
  assert.match(errors[0] ?? "", /ERROR notice \[probe\] two/);
});

Deno.test("eventlogger.modular writes together what comes together, and at once what is much", async () => {
  const config = { bufferSize: 3, flushInterval: "5s", outputTargets: [FILE] };
  await using world = await start({ config });
  await world.app.effects.advance(5_000);
  const before = (await world.read("logs/events.log")).length;
  world.tell("a");
  world.tell("b");
  assert.equal((await world.read("logs/events.log")).length, before);
  world.tell("c");
  assert.equal((await world.read("logs/events.log")).length, before + 3);
  world.tell("d");
  await world.app.effects.advance(4_999);
  assert.equal((await world.read("logs/events.log")).length, before + 3);
  await world.app.effects.advance(1);
  assert.equal((await world.read("logs/events.log")).length, before + 4);
});

Deno.test("eventlogger.modular begins a new file when one is full, and keeps so many", async () => {
  const file = { path: "events.log", maxSize: 0.001, maxBackups: 2, maxAge: 0 };
  await using world = await start({
    config: {
      bufferSize: 1,
      outputTargets: [{ type: "file", format: "text", file }],
    },
  });
  for (let n = 0; n < 60; n++) world.tell(`event number ${n}`);
  await world.app.stop();
  const names = [...Deno.readDirSync(world.folder)].map(({ name }) => name);
  const ours = names.filter((name) => name.startsWith("events.log")).toSorted();
  assert.deepEqual(ours, ["events.log", "events.log.1", "events.log.2"]);
  const all: number[] = [];
  for (const name of ours.toReversed()) {
    assert.ok(Deno.statSync(join(world.folder, name)).size <= 1_000, name);
    for (const line of await world.read(name)) {
      const [, n] = /event number (\d+)/.exec(line) ?? [];
      if (n !== undefined) all.push(Number(n));
    }
  }
  // The newest, without a gap.
  assert.ok(all.length > 20);
  const first = all[0] ?? 0;
  assert.deepEqual(
    all,
    Array.from({ length: 60 - first }, (_, n) => first + n),
  );
});

Deno.test("eventlogger.modular goes on with a file that is there, and removes what is too old", async () => {
  await using world = await start({
    config: {
      bufferSize: 1,
      eventTypeFilters: ["notice"],
      outputTargets: [{ type: "file", file: { path: "e.log", maxAge: 1 } }],
    },
  });
  const old = join(world.folder, "e.log.1");
  const now = world.app.effects.clock.now() / 1_000;
  Deno.writeTextFileSync(join(world.folder, "e.log"), "before\n");
  Deno.writeTextFileSync(old, "old\n");
  Deno.utimeSync(old, now - 90_000, now - 90_000);
  world.tell("now");
  assert.equal((await world.read("e.log")).length, 2);
  assert.throws(() => Deno.statSync(old), Deno.errors.NotFound);
});

Deno.test("eventlogger.modular says that it cannot write, keeps so many events, and goes on when it can", async () => {
  await using world = await start({
    config: {
      ...{ bufferSize: 2, outputTargets: [FILE] },
      eventTypeFilters: ["notice"],
    },
  });
  const path = join(world.folder, "logs");
  Deno.writeTextFileSync(path, "in the way");
  for (const message of ["a", "b", "c", "d"]) world.tell(message);
  const { status, message } = await world.health();
  assert.equal(status, "degraded");
  assert.match(message ?? "", /^Cannot write events to .*events\.log: /);
  const errors = world.app.logs.filter(({ level }) => level === "error");
  assert.equal(errors.length, 1);
  Deno.removeSync(path);
  await world.app.effects.advance(1_000);
  assert.deepEqual(await world.health(), { status: "healthy" });
  const lines = await world.read("logs/events.log");
  assert.deepEqual(lines.map((line) => JSON.parse(line).message), ["a", "b"]);
});

Deno.test("eventlogger.modular refuses a file without a path, and warns of events that never come", async () => {
  await assert.rejects(
    start({ config: { outputTargets: [{ type: "file" }] } }),
    ConfigError,
  );
  await using world = await start({
    config: { eventTypeFilters: ["user.created"], outputTargets: [FILE] },
  });
  assert.ok(
    world.app.logs.some(({ level, message }) =>
      level === "warn" && message.includes('No event is called "user.created"')
    ),
  );
});
