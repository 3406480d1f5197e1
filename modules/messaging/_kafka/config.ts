/**
 * What a document says about a cluster.
 *
 * @module
 */
import { z } from "zod";
import {
  duration,
  durationMs,
  expression,
  type Issue,
  secret,
} from "@engine/define.ts";
import { notPositive } from "../../_positive_duration.ts";
import type { DriverOptions } from "./driver.ts";
import type { GroupOptions } from "./group.ts";
import { KEY_VARIABLES } from "./message_key.ts";
import { TOPIC_NAME } from "./topic_name.ts";

const GROUP = "workflow-group";

/** Servers refuse what is shorter, unless they are told otherwise. */
const SESSION_MS_MIN = 6_000;

const version = z.string().regex(
  /^[A-Za-z0-9._-]+$/,
  "Expected letters, digits, dots, hyphens and underscores",
);

/** Names and texts. */
export const headers = z.record(z.string().min(1), z.string());

/** The config of `messaging.kafka`. */
export const config = z.strictObject({
  brokers: z.union([
    z.array(z.string().min(1)).min(1),
    z.string().min(1),
  ]).default(["localhost:9092"]).describe(
    "Addresses of servers of the cluster, as a list or in a text with commas; " +
      "the others are found through them",
  ).meta({ examples: [["kafka-1:9092", "kafka-2:9092"]] }),
  groupId: z.string().min(1).optional().describe(
    "Who reads: the messages of a topic are shared among all that have the " +
      `same group (${GROUP} if absent)`,
  ),
  groupID: z.string().min(1).optional().describe(
    "The same as groupId, as older documents spell it",
  ),
  clientId: z.string().min(1).default("workflow").describe(
    "How the servers name us in their logs and quotas",
  ),
  ssl: z.union([
    z.boolean(),
    z.strictObject({
      ca: z.string().min(1).optional().describe(
        "The certificates to trust, as PEM; by default those of the system",
      ),
      cert: z.string().min(1).optional().describe(
        "The certificate by which the servers know us, as PEM",
      ),
      key: secret().optional().describe("The key of that certificate, as PEM"),
    }),
  ]).default(false).describe("Connect with TLS"),
  sasl: z.strictObject({
    mechanism: z.enum(["plain", "scram-sha-256", "scram-sha-512"]).default(
      "plain",
    ).describe("How the password is shown"),
    username: z.string().min(1).describe("Who signs in"),
    password: secret().describe("The password"),
  }).optional().describe("Sign in with a password"),
  acks: z.enum(["all", "leader", "none"]).default("all").describe(
    "Who has to have a message before it counts as published: all replicas that " +
      "are in step, their leader, or nobody, so that messages may get lost",
  ),
  compression: z.enum(["none", "gzip"]).default("none").describe(
    "How messages are packed on their way and on the servers",
  ),
  key: expression(KEY_VARIABLES).optional().describe(
    "The key of each message, over payload and topic: messages of one key keep " +
      "their order. A message for which it cannot be computed is refused",
  ).meta({ examples: ["payload.customer + '/' + payload.orderId"] }),
  keyField: z.string().min(1).optional().describe(
    "The field of the payload that is the key, with dots for fields in fields; " +
      "a message without it has no key",
  ).meta({ examples: ["orderId"] }),
  headers: headers.default({}).describe("Headers of each message"),
  messageIds: z.boolean().default(true).describe(
    "Give each message an id in a header, by which one that is written twice, " +
      "since an answer was lost, begins a pipeline once. Without it more " +
      "messages a second are written",
  ),
  startFrom: z.enum(["latest", "earliest"]).default("latest").describe(
    "Where a group begins in a topic that it has never read: with what is " +
      "published from then on, or with the oldest message that there is",
  ),
  attemptsMax: z.int().min(1).max(1_000).default(5).describe(
    "How often a handler gets a message before that becomes a dead letter",
  ).meta({ unit: "count" }),
  retryBackoffMs: z.int().min(1).max(600_000).default(1_000).describe(
    "How long a failed message waits before its second attempt; twice as long " +
      "before each further one, up to a minute. Its partition waits with it, " +
      "and so does what its server hands out next",
  ).meta({ unit: "ms" }),
  deadLetterTopic: z.string().regex(TOPIC_NAME, "Expected a name of a topic")
    .optional().describe(
      "Where messages go that always fail, with the reason in their headers " +
        "(the group and .dead-letters if absent)",
    ),
  concurrency: z.int().min(1).max(1_000).default(4).describe(
    "How many partitions are handled at a time, of those that a server hands " +
      "out together: it hands out more once these are handled. Within each it " +
      "is one message after the other",
  ).meta({ unit: "count" }),
  sessionTimeout: duration().default("30s").describe(
    "After how long without a sign of life others take over our partitions",
  ),
  timeout: duration().default("30s").describe(
    "How long publishing may take until it fails, and one request to a server",
  ),
  encryptionKey: secret().optional().describe(
    "Encrypts payloads, and decrypts them: AES-256-GCM under the SHA-256 of " +
      "this text. Keys and headers of messages stay readable; what arrives " +
      "unencrypted is taken as it is",
  ),
  encryptionKeyVersion: version.optional().describe(
    "Names the key in what it encrypts, so that it can be replaced",
  ),
  previousEncryptionKeys: z.record(version, secret()).default({}).describe(
    "Keys, by version, that only decrypt what they have encrypted before",
  ),
});

/** What a document states, with defaults. */
export type KafkaSettings = z.output<typeof config>;

/** What the schema cannot say. */
export function check(settings: KafkaSettings): readonly Issue[] {
  const { sessionTimeout, timeout } = settings;
  const issues = [...notPositive({ sessionTimeout, timeout })];
  if (durationMs(sessionTimeout) < SESSION_MS_MIN && issues.length === 0) {
    issues.push(issue(
      "sessionTimeout",
      `The duration "${sessionTimeout}" is too short: servers want 6s or more`,
    ));
  }
  if (settings.groupId !== undefined && settings.groupID !== undefined) {
    issues.push(issue("groupID", "groupId says it already"));
  }
  if (settings.key !== undefined && settings.keyField !== undefined) {
    issues.push(issue("keyField", "key says it already"));
  }
  return [...issues, ...withoutKey(settings), ...halfIdentity(settings)];
}

/** Keys that mean something only beside another. */
function withoutKey(settings: KafkaSettings): readonly Issue[] {
  if (settings.encryptionKey !== undefined) return [];
  const isPrevious = Object.keys(settings.previousEncryptionKeys).length > 0;
  return [
    ...settings.encryptionKeyVersion === undefined
      ? []
      : ["encryptionKeyVersion"],
    ...isPrevious ? ["previousEncryptionKeys"] : [],
  ].map((key) => issue(key, `${key} has no effect without encryptionKey`));
}

/** With half of it no server knows us, and none says so. */
function halfIdentity({ ssl }: KafkaSettings): readonly Issue[] {
  if (typeof ssl === "boolean") return [];
  const { cert, key } = ssl;
  if ((cert === undefined) === (key === undefined)) return [];
  const [there, missing] = cert === undefined
    ? ["key", "cert"] as const
    : ["cert", "key"] as const;
  const message = `${there} has no effect without ${missing}`;
  return [{ code: "invalid-value", path: ["ssl", there], message }];
}

function issue(key: string, message: string): Issue {
  return { code: "invalid-value", path: [key], message };
}

/** The parts of a config, as those have them who use them. */
export function settingsOf(settings: KafkaSettings): {
  readonly driverOptions: Omit<DriverOptions, "sleep">;
  readonly groupOptions: GroupOptions;
} {
  const { brokers, clientId, ssl, sasl, acks, compression } = settings;
  const groupId = settings.groupId ?? settings.groupID ?? GROUP;
  return {
    driverOptions: {
      ...{ clientId, ssl, sasl, acks, compression },
      brokers: typeof brokers === "string"
        ? brokers.split(",").map((address) => address.trim())
        : brokers,
      requestTimeoutMs: durationMs(settings.timeout),
    },
    groupOptions: {
      groupId,
      startFrom: settings.startFrom,
      partitionsMax: settings.concurrency,
      sessionTimeoutMs: durationMs(settings.sessionTimeout),
      deadLetterTopic: settings.deadLetterTopic ?? `${groupId}.dead-letters`,
    },
  };
}
