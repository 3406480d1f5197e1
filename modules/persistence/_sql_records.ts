/**
 * Keeps resources in a table of a database, in the shape that the original engine
 * gave it, with columns of its own beside.
 *
 * @module
 */
import type { Host, JsonObject } from "@engine/define.ts";
import type {
  Collection,
  Persistence,
  ReplaceOptions,
  Resource,
  ResourceData,
  ResourceMarks,
} from "@engine/services/persistence.ts";
import {
  hasRows,
  type Rows,
  type SqlConnection,
} from "@engine/services/sql.ts";

/** Rows that are read at once. */
const PAGE = 200;

/** What rows have of their world. */
type World = Pick<Host["effects"], "clock" | "ids">;

/** See the module. */
export class SqlRecords implements Persistence {
  readonly #connection: () => SqlConnection;
  readonly #world: World;
  #table: Promise<void> | undefined;

  /** @param connection Asked anew each time, since a reload changes it. */
  constructor(connection: () => SqlConnection, world: World) {
    this.#connection = connection;
    this.#world = world;
  }

  collection(type: string): Collection {
    return new SqlCollection(type, this.#world, async () => {
      await this.ready();
      return this.#connection();
    });
  }

  /** Makes the table, or adds to it what it lacks; again, if that has failed. */
  ready(): Promise<void> {
    this.#table ??= makeTable(this.#connection()).catch((error) => {
      this.#table = undefined;
      throw error;
    });
    return this.#table;
  }
}

class SqlCollection implements Collection {
  readonly #type: string;
  readonly #world: World;
  readonly #ready: () => Promise<SqlConnection>;

  constructor(
    type: string,
    world: World,
    ready: () => Promise<SqlConnection>,
  ) {
    this.#type = type;
    this.#world = world;
    this.#ready = ready;
  }

  async get(id: string): Promise<Resource | undefined> {
    const [row] = await this.#rows(
      `${SELECT} WHERE resource_type = $1 AND id = $2`,
      [this.#type, id],
    );
    return row && resourceOf(row);
  }

  async *list(
    { limit = Infinity, after }: { limit?: number; after?: string } = {},
  ): AsyncGenerator<Resource> {
    let place = after === undefined ? "" : await this.#placeOf(after);
    let left = limit;
    while (left > 0) {
      const count = Math.min(left, PAGE);
      const rows = await this.#rows(
        `${SELECT} WHERE resource_type = $1 AND place > $2 ` +
          "ORDER BY place LIMIT $3",
        [this.#type, place, count],
      );
      for (const row of rows) yield resourceOf(row);
      place = String(rows.at(-1)?.place);
      left -= count;
      if (rows.length < count) return;
    }
  }

  async create(
    id: string,
    data: ResourceData,
    marks: ResourceMarks = {},
  ): Promise<Resource | undefined> {
    const now = this.#world.clock.now();
    const version = this.#world.ids.next();
    const place = this.#world.ids.next();
    const isMade = await this.#change(
      "INSERT INTO resources (resource_type, id, data, state, created_at, " +
        "updated_at, marks, version, place) " +
        "VALUES ($1, $2, $3, $4, $5, $5, $6, $7, $8) " +
        "ON CONFLICT (resource_type, id) DO NOTHING",
      [
        ...[this.#type, id, JSON.stringify(data), stateOf(data), shown(now)],
        ...[JSON.stringify(marks), version, place],
      ],
    );
    if (!isMade) return undefined;
    return { id, data, marks, createdAt: now, updatedAt: now, version };
  }

  async replace(
    id: string,
    data: ResourceData,
    options: ReplaceOptions = {},
  ): Promise<Resource | undefined> {
    while (true) {
      const before = await this.get(id);
      if (before === undefined || isOther(before, options.version)) {
        return undefined;
      }
      const after: Resource = {
        ...before,
        data,
        marks: options.marks ?? before.marks,
        updatedAt: options.updatedAt ?? this.#world.clock.now(),
        version: this.#world.ids.next(),
      };
      const isReplaced = await this.#change(
        "UPDATE resources SET data = $3, state = $4, updated_at = $5, " +
          "marks = $6, version = $7 " +
          "WHERE resource_type = $1 AND id = $2 AND version = $8",
        [
          ...[this.#type, id, JSON.stringify(data), stateOf(data)],
          ...[shown(after.updatedAt), JSON.stringify(after.marks)],
          ...[after.version, before.version],
        ],
      );
      if (isReplaced) return after;
    }
  }

  async delete(id: string, version?: string): Promise<boolean> {
    const sql = "DELETE FROM resources WHERE resource_type = $1 AND id = $2";
    return version === undefined
      ? await this.#change(sql, [this.#type, id])
      : await this.#change(`${sql} AND version = $3`, [
        this.#type,
        id,
        version,
      ]);
  }

  /** An unknown id is before all. */
  async #placeOf(id: string): Promise<string> {
    const [row] = await this.#rows(
      "SELECT place FROM resources WHERE resource_type = $1 AND id = $2",
      [this.#type, id],
    );
    return String(row?.place ?? "");
  }

  async #rows(
    sql: string,
    args: readonly (string | number)[],
  ): Promise<Rows["rows"]> {
    const outcome = await (await this.#ready()).run({ sql, args });
    return hasRows(outcome) ? outcome.rows : [];
  }

  async #change(
    sql: string,
    args: readonly (string | number)[],
  ): Promise<boolean> {
    const outcome = await (await this.#ready()).run({ sql, args });
    return !hasRows(outcome) && outcome.rowsAffected > 0;
  }
}

const SELECT = "SELECT id, data, state, created_at, updated_at, marks, " +
  "version, place FROM resources";

/** Only this file and the original engine write rows. */
function resourceOf(row: JsonObject): Resource {
  const state = String(row.state ?? "");
  const marks: ResourceMarks = typeof row.marks === "string"
    ? JSON.parse(row.marks)
    : state === ""
    ? {}
    : { state };
  return {
    id: String(row.id),
    data: JSON.parse(String(row.data)),
    marks,
    createdAt: Date.parse(String(row.created_at)),
    updatedAt: Date.parse(String(row.updated_at)),
    version: String(row.version),
  };
}

/** For those who look into the table. */
function stateOf({ state }: ResourceData): string {
  return typeof state === "string" ? state : "";
}

function shown(time: number): string {
  return new Date(time).toISOString();
}

function isOther(resource: Resource, version: string | undefined): boolean {
  return version !== undefined && version !== resource.version;
}

const run = (connection: SqlConnection, sql: string) =>
  connection.run({ sql, args: [] });

/** The table of the original engine, or a new one, gets what is missing. */
async function makeTable(connection: SqlConnection): Promise<void> {
  const text = (column: string) => `${column} TEXT NOT NULL`;
  await run(
    connection,
    `CREATE TABLE IF NOT EXISTS resources (${
      ["resource_type", "id", "data", "state", "created_at", "updated_at"]
        .map(text).join(", ")
    }, PRIMARY KEY (resource_type, id))`,
  );
  // Rows are listed by it, so its order is that of bytes.
  const collation = connection.dialect === "postgres" ? ' COLLATE "C"' : "";
  const added = ["marks", "version", "place"];
  const found = await run(connection, "SELECT * FROM resources WHERE 1 = 0");
  const columns = hasRows(found) ? found.columns : [];
  for (const name of added.filter((name) => !columns.includes(name))) {
    await addColumn(connection, name, name === "place" ? collation : "");
  }
  await run(
    connection,
    "UPDATE resources SET version = '0', " +
      // Before all that is made from now on.
      "place = '00' || created_at || ' ' || id WHERE place IS NULL",
  );
  await run(
    connection,
    "CREATE UNIQUE INDEX IF NOT EXISTS resources_by_place " +
      "ON resources (resource_type, place)",
  );
}

/** Another process may have been faster. */
async function addColumn(
  connection: SqlConnection,
  name: string,
  collation: string,
): Promise<void> {
  try {
    const sql = `ALTER TABLE resources ADD COLUMN ${name} TEXT${collation}`;
    await run(connection, sql);
  } catch (error) {
    const found = await run(connection, "SELECT * FROM resources WHERE 1 = 0");
    if (!hasRows(found) || !found.columns.includes(name)) throw error;
  }
}
