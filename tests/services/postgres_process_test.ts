import assert from "node:assert/strict";
import { join } from "node:path";
import { ROOT, startProcess } from "../_process.ts";
import { serverOfFile } from "./postgres_server.ts";
import { serverTest } from "./server.ts";

const server = await serverOfFile();
const NOTES = "examples/notes.yaml";

serverTest(
  "an application keeps in PostgreSQL what its process had acknowledged when it was killed",
  server,
  async (server) => {
    // With the permissions of `deno task start`, and each time with an empty folder:
    // what comes back comes from the database.
    const folder = await Deno.makeTempDir();
    const url = server.url();
    const texts: string[] = [];
    const document = join(folder, "notes.yaml");
    try {
      const text = await Deno.readTextFile(join(ROOT, NOTES));
      await Deno.writeTextFile(document, text.replace(":8080", ":0"));
      for (const round of [1, 2, 3]) {
        const args = ["--management-address", "127.0.0.1:0"];
        const env = {
          WORKFLOW_DATA: join(folder, String(round)),
        };
        // The flag and the variable say the same.
        await using process = round === 1
          ? await startProcess(
            ["--store", url, ...args, document],
            { env },
          )
          : await startProcess([...args, document], {
            env: { ...env, WORKFLOW_STORE: url },
          });
        const notes = `${process.addresses[0]}/notes`;
        assert.deepEqual(await textsAt(notes), texts);
        for (const i of [1, 2, 3]) {
          const text = `${round}.${i}`;
          const response = await fetch(notes, {
            method: "POST",
            body: JSON.stringify({ id: text, text }),
          });
          assert.equal(response.status, 201);
          await response.body?.cancel();
          texts.push(text);
        }
        await process.end("SIGKILL");
        assert.ok(!process.output().includes(server.password));
        const kept = [...Deno.readDirSync(join(folder, String(round)))]
          .map(({ name }) => name).toSorted();
        assert.deepEqual(kept, ["engine.pid", "management-token"]);
      }
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
);

serverTest(
  "an application does not start on a store that it cannot reach, and says why",
  server,
  async (server) => {
    const folder = await Deno.makeTempDir();
    try {
      const store = server.url().replace(server.password, "a-wrong-password");
      await assert.rejects(
        startProcess([NOTES], {
          env: { WORKFLOW_STORE: store, WORKFLOW_DATA: folder },
        }),
        (error: Error) => {
          assert.match(
            error.message,
            /Cannot open store "postgres:\/\/\*\*\*@127\.0\.0\.1:\d+\/postgres": password authentication failed for user "postgres" \(SQLSTATE 28P01\)/,
          );
          return !error.message.includes("a-wrong-password");
        },
      );
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
);

async function textsAt(notes: string): Promise<string[]> {
  const response = await fetch(notes);
  const list = await response.json() as { data: { text: string } }[];
  return list.map(({ data }) => data.text).toSorted();
}
