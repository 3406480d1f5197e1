/**
 * Keeps resources in the engine's own store, which is durable by itself, or in a
 * table of a database. Fields of persons may be encrypted in either.
 *
 * @module
 */
import {
  defineModule,
  type Host,
  type Issue,
  type Lifecycle,
  ref,
  secret,
} from "@engine/define.ts";
import { messageOf } from "@engine/errors.ts";
import { recordsOver } from "@engine/records.ts";
import { Actions } from "@engine/services/actions.ts";
import {
  type Health,
  HealthReporter,
} from "@engine/services/health_reporter.ts";
import { type Collection, Persistence } from "@engine/services/persistence.ts";
import { Sql, type SqlConnection } from "@engine/services/sql.ts";
import { z } from "zod";
import { EncryptedRecords, PERSONAL_FIELDS } from "./_encrypted_records.ts";
import { type CipherKey, FieldCipher } from "./_field_cipher.ts";
import { SqlRecords } from "./_sql_records.ts";
import { actingOn, storeActions } from "./_store_actions.ts";

const encryption = z.strictObject({
  keys: z.array(z.strictObject({
    id: z.string().regex(
      /^[A-Za-z0-9_-]{1,64}$/,
      "Expected letters, digits, _ and -",
    ).describe("Its name, which stands in front of what it encrypts"),
    key: secret().describe(
      "A text that nobody can guess; its SHA-256 is the key",
    ).meta({ examples: ["${ENCRYPTION_KEY}"] }),
  })).min(1).describe(
    "The first one encrypts, all of them decrypt. To change keys, put a new one " +
      "in front, let the action reencrypt run, and then take out the old one",
  ),
  fields: z.array(z.string().min(1)).default(PERSONAL_FIELDS).describe(
    "The fields whose texts are encrypted, also in each object of a list " +
      "messages; shipping.address is a field of a field",
  ),
});

const config = z.strictObject({
  database: ref(Sql, { implied: "never" }).optional().describe(
    "The database whose table resources keeps them; absent: the engine's store",
  ),
  connection: z.string().min(1).optional().describe(
    "Which connection, where the database has several",
  ),
  encryption: encryption.optional().describe(
    "Encrypts fields with AES-256-GCM where they are kept",
  ),
});

type Config = z.output<typeof config>;

export default defineModule({
  type: "persistence.store",
  summary: "Keeps resources durably and reports whether they can be read",
  stability: "stable",
  config,
  check: checkKeys,
  provides: [Persistence, HealthReporter, Actions],
  actions: storeActions,
  examples: [{
    title: "Keep the resources of a handler",
    modules: [
      {
        name: "server",
        type: "http.server",
        config: { address: "127.0.0.1:0" },
      },
      { name: "router", type: "http.router", dependsOn: ["server"] },
      { name: "persistence", type: "persistence.store" },
      {
        name: "notes",
        type: "api.handler",
        config: { resourceName: "notes", persistence: "persistence" },
      },
    ],
    workflows: {
      http: {
        routes: [
          { method: "POST", path: "/api/notes", handler: "notes" },
          { method: "GET", path: "/api/notes", handler: "notes" },
        ],
      },
    },
    exchanges: [
      {
        request: {
          method: "POST",
          path: "/api/notes",
          body: { id: "n1", text: "Buy tea" },
        },
        response: { status: 201, body: { id: "n1", state: "new" } },
      },
      {
        request: { method: "GET", path: "/api/notes" },
        response: {
          status: 200,
          body: [{ id: "n1", data: { id: "n1", text: "Buy tea" } }],
        },
      },
    ],
  }],
  create: (config, host) => new ResourceStore(config, host),
});

function checkKeys({ encryption, database, connection }: Config) {
  const issues: Issue[] = [];
  const ids = encryption?.keys.map(({ id }) => id) ?? [];
  ids.forEach((id, index) => {
    if (ids.indexOf(id) === index) return;
    issues.push({
      code: "invalid-value",
      path: ["encryption", "keys", index, "id"],
      message: `Two keys are called "${id}"`,
    });
  });
  if (connection !== undefined && database === undefined) {
    issues.push({
      code: "invalid-value",
      path: ["connection"],
      message: 'A connection is of a "database", which is not named',
    });
  }
  return issues;
}

class ResourceStore implements Persistence, HealthReporter, Actions, Lifecycle {
  readonly healthName: string;
  readonly act: Actions["act"];
  readonly #config: Config;
  readonly #host: Host;
  readonly #records: Persistence;
  readonly #sql: SqlRecords | undefined;
  #connection: SqlConnection | undefined;

  constructor(config: Config, host: Host) {
    this.healthName = `persistence.${host.name}`;
    this.#config = config;
    this.#host = host;
    this.#sql = config.database === undefined
      ? undefined
      : new SqlRecords(() => this.#database(), host.effects);
    const records = this.#sql ?? recordsOver(host.store, host.effects);
    this.#records = encrypted(records, config.encryption, host);
    this.act = actingOn(this.#records).act;
  }

  start(): void {
    if (this.#sql !== undefined) this.#database();
  }

  /** A reload may have brought another database. */
  wire(): () => void {
    this.#connection = undefined;
    this.start();
    return () => {};
  }

  collection(type: string): Collection {
    return this.#records.collection(type);
  }

  /** Reads for real: a store that answers nothing is not healthy. */
  async health(): Promise<Health> {
    try {
      await (this.#sql === undefined
        ? readOnce(this.#host)
        : this.#sql.ready());
      if (this.#sql !== undefined) {
        const sql = "SELECT id FROM resources LIMIT 1";
        await this.#database().run({ sql, args: [] });
      }
      return { status: "healthy" };
    } catch (error) {
      return { status: "degraded", message: messageOf(error) };
    }
  }

  #database(): SqlConnection {
    const { database = "", connection } = this.#config;
    this.#connection ??= this.#host.use<Sql>(database).connection(connection);
    return this.#connection;
  }
}

function encrypted(
  records: Persistence,
  encryption: Config["encryption"],
  { effects }: Host,
): Persistence {
  if (encryption === undefined) return records;
  const { keys, fields } = encryption;
  // The schema wants at least one.
  const cipher = new FieldCipher(
    keys as [CipherKey, ...CipherKey[]],
    (count) => effects.random.bytes(count),
  );
  return new EncryptedRecords(records, cipher, fields);
}

async function readOnce({ store }: Host): Promise<void> {
  for await (const _ of store.list({ prefix: ["resource"] }, { limit: 1 })) {
    // One entry, or none, is proof enough.
  }
}
