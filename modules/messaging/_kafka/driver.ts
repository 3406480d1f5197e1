/**
 * What the module asks of a client library, so that another can take its place:
 * nothing outside of `kafkajs_driver.ts` knows which one it is.
 *
 * @module
 */

/** The headers of a record. */
export type Headers = Readonly<Record<string, string>>;

/** A record to be written. */
export interface NewRecord {
  readonly topic: string;
  readonly key: string | Uint8Array | null;
  readonly value: string | Uint8Array | null;
  readonly headers: Headers;
}

/** A record that was read. */
export interface StoredRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: string;
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly headers: Headers;
  /** In milliseconds since 1970. */
  readonly timestamp: number;
}

/** Records of one partition, oldest first. */
export interface Batch {
  readonly records: readonly StoredRecord[];
  /** Whether the partition is still ours to read, and reading goes on. */
  isCurrent(): boolean;
  /** A record, and all before it, are handled: they need not come again. */
  handled(record: StoredRecord): void;
  /**
   * Says that we live, and commits what is handled if it is time for that.
   *
   * @throws if the group has to agree anew: what takes the batch must end with
   * this error, soon.
   */
  keepAlive(): Promise<void>;
}

/** How a group reads. */
export interface ConsumeOptions {
  readonly groupId: string;
  readonly topics: readonly string[];
  /** Where a group begins that has never read a topic. */
  readonly startFrom: "latest" | "earliest";
  /** Topics of which all is wanted, wherever others begin. */
  readonly wholeTopics: ReadonlySet<string>;
  /** How many partitions are handled at a time. */
  readonly partitionsMax: number;
  readonly sessionTimeoutMs: number;
  /** Takes one batch of a partition after the other. */
  take(batch: Batch): Promise<void>;
  /** Reading has ended by itself. */
  lost(reason: string): void;
}

/** Reads until it is stopped. */
export interface Consumption {
  /** Lets batches under way end, commits, and leaves the group. */
  stop(): Promise<void>;
}

/** How far a group is behind in one partition. */
export interface PartitionLag {
  readonly topic: string;
  readonly partition: number;
  /** The next offset that the group reads; -1 if it has committed none. */
  readonly committed: number;
  /** The next offset that is written. */
  readonly end: number;
}

/** A connection to a cluster. */
export interface KafkaDriver {
  /** @throws {DriverError} Call it again to try again. */
  connect(): Promise<void>;
  /**
   * Writes records; those of one key in the order given. Resolves when the
   * cluster has acknowledged all.
   *
   * @throws {DriverError} after which some may have been written.
   */
  send(records: readonly NewRecord[]): Promise<void>;
  /** The names of all topics. @throws {DriverError} if nobody answers. */
  topics(): Promise<readonly string[]>;
  /** @throws {DriverError} */
  lag(groupId: string, topics: readonly string[]): Promise<PartitionLag[]>;
  /**
   * Resolves when the group has us, and where it begins is committed: whatever is
   * written from then on is read.
   *
   * @throws {DriverError}
   */
  consume(options: ConsumeOptions): Promise<Consumption>;
  /** Never throws. */
  close(): Promise<void>;
}

/** How a cluster is reached. */
export interface DriverOptions {
  readonly brokers: readonly string[];
  readonly clientId: string;
  readonly ssl: boolean | {
    readonly ca?: string | undefined;
    readonly cert?: string | undefined;
    readonly key?: string | undefined;
  };
  readonly sasl?: {
    readonly mechanism: "plain" | "scram-sha-256" | "scram-sha-512";
    readonly username: string;
    readonly password: string;
  } | undefined;
  readonly acks: "all" | "leader" | "none";
  readonly compression: "none" | "gzip";
  /** How long one request may take, in milliseconds. */
  readonly requestTimeoutMs: number;
  readonly sleep: (ms: number) => Promise<void>;
}

/** Something did not work between us and the cluster. */
export class DriverError extends Error {
  override readonly name = "DriverError";
  /** Whether another attempt may end otherwise. */
  readonly isRetriable: boolean;

  constructor(message: string, isRetriable: boolean, cause: unknown) {
    super(message, { cause });
    this.isRetriable = isRetriable;
  }
}
