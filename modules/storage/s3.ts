/**
 * Keeps objects in a bucket of Amazon S3, or of a server that speaks the same:
 * for steps, and as an archive of messages and transitions.
 *
 * @module
 */
import { z } from "zod";
import {
  defineModule,
  duration,
  durationMs,
  type Host,
  type Issue,
  type JsonValue,
  type Lifecycle,
  secret,
} from "@engine/define.ts";
import { messageOf } from "@engine/errors.ts";
import { Actions } from "@engine/services/actions.ts";
import type { Message } from "@engine/services/broker.ts";
import {
  type Health,
  HealthReporter,
} from "@engine/services/health_reporter.ts";
import { MessageHandler } from "@engine/services/message_handler.ts";
import { ObjectStorage } from "@engine/services/object_storage.ts";
import {
  type TransitionContext,
  type TransitionEvent,
  TransitionHandler,
  type TransitionOutcome,
} from "@engine/services/transition_handler.ts";
import { atMost, GRACE_MS } from "../_grace.ts";
import {
  type Occurrence,
  OCCURRENCE_WORDS,
  ofMessage,
  ofTransition,
  plainText,
  templateIssues,
  textOfOccurrence,
} from "../_occurrence.ts";
import { notPositive } from "../_positive_duration.ts";
import { actOn, bucketActions } from "./_actions.ts";
import { Bucket } from "./_bucket.ts";
import { S3Client } from "./_client.ts";
import { credentialsOf } from "./_credentials.ts";
import { Watch } from "./_watch.ts";

const MIB = 1024 * 1024;

const config = z.strictObject({
  bucket: z.string().regex(
    /^[A-Za-z0-9][A-Za-z0-9._-]{1,61}[A-Za-z0-9]$/,
    "Expected the name of a bucket: 3 to 63 letters, digits, dots and hyphens",
  ).describe("The bucket"),
  region: z.string().regex(/^[a-z0-9-]+$/).default("us-east-1").describe(
    "The region of the bucket, which signatures name",
  ),
  endpoint: z.url({ protocol: /^https?$/ }).optional().describe(
    "The address of another server than Amazon's; the bucket then stands in " +
      "the path",
  ).meta({ widget: "url", examples: ["http://127.0.0.1:9000"] }),
  accessKeyId: secret().optional().describe(
    "Whose requests they are; without it AWS_ACCESS_KEY_ID, " +
      "AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN of the environment say so",
  ),
  secretAccessKey: secret().optional().describe(
    "What the requests are signed with",
  ),
  sessionToken: secret().optional().describe(
    "Belongs to credentials that hold for a while only",
  ),
  forcePathStyle: z.boolean().optional().describe(
    "Whether the bucket stands in the path of URLs rather than in the host " +
      "name; without it if there is an endpoint, or a dot in its name",
  ),
  prefix: z.string().max(512).default("").describe(
    "Begins every key, and is no part of the keys that steps see",
  ).meta({ examples: ["orders/"] }),
  key: z.string().min(1).default("${{ topic }}/${{ date }}/${{ id }}.json")
    .describe(
      "The key under which a message or transition is kept; its expressions " +
        `may use ${OCCURRENCE_WORDS}`,
    ).meta({ widget: "template" }),
  timeout: duration().default("30s").describe(
    "How long one request may take, with what it sends or fetches",
  ),
  maxRetries: z.int().min(0).max(20).default(3).describe(
    "Further attempts at a request that failed for now",
  ).meta({ unit: "count" }),
  initialBackoff: duration().default("200ms").describe(
    "The wait before the second attempt, which doubles each time; up to a half " +
      "is left out by chance",
  ),
  maxBackoff: duration().default("20s").describe("The longest wait"),
  multipartThreshold: z.int().min(1).max(5 * 1024 * MIB).default(16 * MIB)
    .describe("The size from which on an object is written in parts")
    .meta({ unit: "bytes" }),
  partSize: z.int().min(5 * MIB).max(512 * MIB).default(8 * MIB).describe(
    "The size of a part; one is in memory at a time",
  ).meta({ unit: "bytes" }),
  createBucket: z.boolean().default(false).describe(
    "Make the bucket if it is not there",
  ),
});

type Config = z.output<typeof config>;

export default defineModule({
  type: "storage.s3",
  summary: "Keeps objects in a bucket, and archives messages and transitions",
  stability: "beta",
  config,
  provides: [
    ObjectStorage,
    MessageHandler,
    TransitionHandler,
    Actions,
    HealthReporter,
  ],
  actions: bucketActions,
  check,
  examples: [{
    title: "Archive every order that is paid, and list the archive",
    modules: [
      { name: "events", type: "messaging.broker" },
      {
        name: "archive",
        type: "storage.s3",
        config: {
          bucket: "shop-archive",
          region: "eu-central-1",
          prefix: "orders/",
          key: "${{ date }}/${{ payload.id }}.json",
        },
      },
    ],
    workflows: {
      messaging: {
        subscriptions: [{ topic: "order.paid", handler: "archive" }],
      },
    },
    pipelines: {
      archived: {
        input: { day: "string" },
        steps: [{
          id: "list",
          use: "module:archive.list",
          with: { prefix: "${{ input.day }}/" },
        }],
      },
    },
  }],
  create: (config, host) => new Storage(config, host),
});

function check(config: Config): readonly Issue[] {
  const { accessKeyId, secretAccessKey, sessionToken, key } = config;
  const { timeout, initialBackoff, maxBackoff } = config;
  const issues = [
    ...notPositive({ timeout, initialBackoff, maxBackoff }),
    ...templateIssues("key", key),
  ];
  const isWhole = (accessKeyId === undefined) ===
      (secretAccessKey === undefined) &&
    (sessionToken === undefined || accessKeyId !== undefined);
  if (isWhole) return issues;
  return [...issues, {
    code: "missing-key",
    path: [],
    message: "Credentials are accessKeyId and secretAccessKey together",
  }];
}

class Storage
  implements
    MessageHandler,
    TransitionHandler,
    Actions,
    HealthReporter,
    Lifecycle {
  readonly healthName: string;
  readonly #config: Config;
  readonly #host: Host;
  readonly #client: S3Client;
  readonly #bucket: Bucket;
  readonly #watch: Watch;
  readonly #keyOf: (occurrence: Occurrence) => string;
  readonly #underWay = new Set<Promise<unknown>>();
  #abort = new AbortController();

  constructor(config: Config, host: Host) {
    this.#config = config;
    this.#host = host;
    this.#client = new S3Client(clientSettingsOf(config), host.effects);
    this.#bucket = new Bucket(this.#client, {
      ...config,
      partBytes: config.partSize,
      onLeftover: (error) =>
        host.log.warn(
          `Parts of an upload are left behind: ${messageOf(error)}`,
        ),
    });
    this.#watch = new Watch(this.#bucket, host, {
      ...this.#client.settings,
      createBucket: config.createBucket,
    });
    this.#keyOf = textOfOccurrence(config.key);
    this.healthName = `storage.${host.name}`;
  }

  async start(): Promise<void> {
    this.#abort = new AbortController();
    await this.#client.start(credentialsOf(this.#config));
    await this.#watch.begin();
  }

  /** Lets what is under way finish. */
  async close(): Promise<void> {
    const { clock } = this.#host.effects;
    const all = Promise.all(this.#underWay).then(() => {}, () => {});
    await atMost(GRACE_MS, clock, all);
  }

  stop(): void {
    this.#watch.end();
    this.#abort.abort(new Error("The application stops"));
  }

  async receive(message: Message): Promise<void> {
    await this.#archive(ofMessage(message));
  }

  async onTransition(
    event: TransitionEvent,
    { idempotencyKey, signal }: TransitionContext,
  ): Promise<TransitionOutcome> {
    await this.#archive(ofTransition(event, idempotencyKey), signal);
    return { kind: "done" };
  }

  async act(
    action: string,
    input: Parameters<Actions["act"]>[1],
    { signal }: Parameters<Actions["act"]>[2],
  ): Promise<JsonValue> {
    const parts = {
      bucket: this.#bucket,
      bucketName: this.#config.bucket,
      host: this.#host,
    };
    return await this.#do(
      action,
      (limited) => actOn(parts, action, input, limited),
      signal,
    );
  }

  put: ObjectStorage["put"] = (key, body, { signal, ...options }) =>
    this.#do(
      "put",
      (limited) => this.#bucket.put(key, body, { ...options, signal: limited }),
      signal,
    );

  get: ObjectStorage["get"] = (key, { signal, ...options }) =>
    this.#do(
      "get",
      (limited) => this.#bucket.get(key, { ...options, signal: limited }),
      signal,
    );

  delete: ObjectStorage["delete"] = (key, signal) =>
    this.#do("delete", (limited) => this.#bucket.delete(key, limited), signal);

  async health(): Promise<Health> {
    return await this.#watch.health();
  }

  /** What is archived twice is kept once: its key is the same. */
  async #archive(occurrence: Occurrence, signal?: AbortSignal): Promise<void> {
    const { id, topic, payload } = occurrence;
    const body = new TextEncoder().encode(plainText(payload));
    const contentType = typeof payload === "string"
      ? "text/plain; charset=utf-8"
      : "application/json";
    const metadata = { id: ascii(id), topic: ascii(topic) };
    await this.#do(
      "archive",
      (limited) =>
        this.#bucket.put(this.#keyOf(occurrence), body, {
          contentType,
          metadata,
          signal: limited,
        }),
      signal,
    );
  }

  /** Does what a stop breaks off, and counts it. */
  async #do<T>(
    operation: string,
    run: (signal: AbortSignal) => Promise<T>,
    signal?: AbortSignal,
  ): Promise<T> {
    const own = this.#abort.signal;
    const limited = signal === undefined ? own : AbortSignal.any([signal, own]);
    const work = run(limited);
    this.#underWay.add(work);
    try {
      const result = await work;
      this.#watch.served();
      this.#count(operation, "success");
      return result;
    } catch (error) {
      this.#count(operation, "failure");
      throw error;
    } finally {
      this.#underWay.delete(work);
    }
  }

  #count(operation: string, status: "success" | "failure"): void {
    const { meter, name } = this.#host;
    if (!meter.active) return;
    meter.record("module_operations_total", {
      module: name,
      operation,
      status,
    });
  }
}

function clientSettingsOf(config: Config) {
  const { bucket, region, endpoint, forcePathStyle, maxRetries } = config;
  return {
    bucket,
    region,
    endpoint,
    forcePathStyle,
    retriesMax: maxRetries,
    timeoutMs: durationMs(config.timeout),
    initialBackoffMs: durationMs(config.initialBackoff),
    backoffMsMax: durationMs(config.maxBackoff),
  };
}

/** Headers hold nothing else; what they cannot hold is percent-encoded. */
function ascii(text: string): string {
  return text.replace(
    /[^\x20-\x7e]+/g,
    (odd) => encodeURIComponent(odd.toWellFormed()),
  );
}
