/**
 * Carries messages through a NATS server: core NATS, or with JetStream, where a
 * message is kept until its handler has finished.
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
  secret,
} from "@engine/define.ts";
import { Actions } from "@engine/services/actions.ts";
import { Broker, TOPIC_CHARACTERS_MAX } from "@engine/services/broker.ts";
import { HealthReporter } from "@engine/services/health_reporter.ts";
import { notPositive } from "../_positive_duration.ts";
import { natsActing, natsActions } from "./_nats_actions.ts";
import { NatsBroker, type NatsConfig } from "./_nats_broker.ts";
import { overlaps, subjectsOf } from "./_nats_subject.ts";

const address = z.url({ protocol: /^nats$/ }).meta({ widget: "url" });

/** A name of a stream, or the beginning of one of a consumer. */
const name = z.string().regex(
  /^[A-Za-z0-9_-]{1,60}$/,
  "Expected letters, digits, - and _, at most 60",
);

const subject = z.string().min(1).max(TOPIC_CHARACTERS_MAX);

const jetstream = z.strictObject({
  stream: name.describe("The stream that keeps the messages"),
  subjects: z.array(subject).min(1).optional().describe(
    "The topics that the stream takes; ** at the end is any number of segments. " +
      "It is made if there is none, and takes these as well if there is one. " +
      "Without them the stream must be there already",
  ).meta({ examples: [["order.**", "payment.*"]] }),
  storage: z.enum(["file", "memory"]).default("file").describe(
    "Where a stream that is made keeps its messages",
  ),
  replicas: z.int().min(1).max(5).default(1).meta({ unit: "count" }).describe(
    "On how many servers of a cluster a stream that is made is kept",
  ),
  maxAge: duration().default("168h").describe(
    "How long a stream that is made keeps messages; 0 for as long as it has room",
  ),
  duplicateWindow: duration().default("2m").describe(
    "How long a stream that is made knows the ids of messages, so that it takes " +
      "none twice",
  ),
  durable: name.optional().describe(
    "What the names of its consumers begin with; applications with the same one " +
      "share the messages. The id of the application if absent",
  ),
  deliverFrom: z.enum(["new", "all"]).default("new").describe(
    "What a subscription that is new to the server gets: what is published from " +
      "now on, or all that the stream has. After that it goes on where it was",
  ),
  ackWait: duration().default("30s").describe(
    "After how long a message is handed out again whose process has died. One " +
      "that is being handled may take longer",
  ),
  maxDeliver: z.int().min(1).max(1_000).default(5).meta({ unit: "count" })
    .describe(
      "How often a message is handed out before it becomes a dead letter",
    ),
  retryBackoff: duration().default("1s").describe(
    "How long a failed message waits before its second attempt; twice as long " +
      "before each further one",
  ),
  maxRetryBackoff: duration().default("10m").describe(
    "The longest wait of a failed message",
  ),
  deadLetters: name.default("dead-letters").describe(
    "The first segment of the subjects of dead letters, before the name of the " +
      "stream and their own. A stream of their own keeps them, called like this " +
      "one with -dead-letters",
  ),
});

const config = z.strictObject({
  url: address.default("nats://127.0.0.1:4222").describe(
    "The address of the server",
  ),
  servers: z.array(address).min(1).optional().describe(
    "The addresses of the servers of a cluster, in the place of url",
  ),
  user: z.string().min(1).optional().describe("The user to sign in as"),
  password: secret().optional().describe("The password of the user"),
  token: secret().optional().describe(
    "The token to sign in with, in the place of a user",
  ),
  requestTimeout: duration().default("5s").describe(
    "How long the server may take to connect, to acknowledge a message, or to " +
      "answer a request",
  ),
  initialBackoff: duration().default("100ms").describe(
    "The wait before a connection is tried again, of which up to a half is left " +
      "out by chance; twice as long each time",
  ),
  maxBackoff: duration().default("10s").describe(
    "The longest wait before a connection is tried again",
  ),
  queueGroup: name.optional().describe(
    "Without JetStream, what the names of queue groups begin with: of the " +
      "processes with the same one, one gets each message of a subscription. The " +
      "id of the application if absent",
  ),
  concurrency: z.int().min(1).max(1_000).default(1).meta({ unit: "count" })
    .describe(
      "How many messages of one subscription a process handles at a time; with " +
        "more than one their order is not kept",
    ),
  jetstream: jetstream.optional().describe(
    "Keep messages in a stream: a message is accepted when the server has stored " +
      "it, and each subscription with a name gets it at least once",
  ),
});

type Config = z.output<typeof config>;

export default defineModule({
  type: "messaging.nats",
  summary: "Carries messages through a NATS server, with or without JetStream",
  stability: "beta",
  config,
  check,
  provides: [Broker, HealthReporter, Actions],
  actions: natsActions,
  examples: [{
    title: "Log every event of an order that other programs publish",
    modules: [
      {
        name: "events",
        type: "messaging.nats",
        config: { url: "nats://127.0.0.1:4222", queueGroup: "shop" },
      },
      { name: "order-log", type: "messaging.handler" },
    ],
    workflows: {
      messaging: {
        broker: "events",
        subscriptions: [{ topic: "order.*", handler: "order-log" }],
      },
    },
  }, {
    title: "Lose no event of an order",
    modules: [
      {
        name: "events",
        type: "messaging.nats",
        config: {
          servers: ["nats://127.0.0.1:4222", "nats://127.0.0.1:4223"],
          jetstream: {
            stream: "orders",
            subjects: ["order.**"],
            ackWait: "30s",
            maxDeliver: 10,
          },
        },
      },
      { name: "order-log", type: "messaging.handler" },
    ],
    workflows: {
      messaging: {
        broker: "events",
        subscriptions: [{ topic: "order.**", handler: "order-log" }],
      },
    },
  }],
  create(config, host) {
    const broker = new NatsBroker(settingsOf(config, host), host);
    return Object.assign(broker, natsActing(broker, host));
  },
});

function settingsOf(config: Config, host: Host): NatsConfig {
  const { jetstream, concurrency } = config;
  const requestTimeoutMs = durationMs(config.requestTimeout);
  return {
    connection: {
      servers: config.servers ?? [config.url],
      user: config.user,
      password: config.password,
      token: config.token,
      requestTimeoutMs,
      initialBackoffMs: durationMs(config.initialBackoff),
      backoffMsMax: durationMs(config.maxBackoff),
    },
    group: (jetstream ? jetstream.durable : config.queueGroup) ??
      host.application,
    concurrency,
    jetstream: jetstream && {
      stream: jetstream.stream,
      subjects: jetstream.subjects,
      storage: jetstream.storage,
      replicas: jetstream.replicas,
      maxAgeMs: durationMs(jetstream.maxAge),
      duplicateWindowMs: durationMs(jetstream.duplicateWindow),
      deliverFrom: jetstream.deliverFrom,
      ackWaitMs: durationMs(jetstream.ackWait),
      requestTimeoutMs,
      deadLetters: deadLettersOf(jetstream),
      concurrency,
      maxDeliver: jetstream.maxDeliver,
      retryBackoffMs: durationMs(jetstream.retryBackoff),
      retryBackoffMsMax: durationMs(jetstream.maxRetryBackoff),
    },
  };
}

function deadLettersOf({ stream, deadLetters }: z.output<typeof jetstream>) {
  return {
    stream: `${stream}-dead-letters`,
    prefix: `${deadLetters}.${stream}`,
  };
}

function check(config: Config): Issue[] {
  const { user, password, token, queueGroup, jetstream } = config;
  const issues: Issue[] = [
    ...notPositive({
      requestTimeout: config.requestTimeout,
      initialBackoff: config.initialBackoff,
      maxBackoff: config.maxBackoff,
      "jetstream.ackWait": jetstream?.ackWait,
      "jetstream.duplicateWindow": jetstream?.duplicateWindow,
      "jetstream.retryBackoff": jetstream?.retryBackoff,
      "jetstream.maxRetryBackoff": jetstream?.maxRetryBackoff,
    }),
    ...credentialsInAddress(config),
    ...overlapping(config),
  ];
  if (token !== undefined && user !== undefined) {
    issues.push({
      code: "invalid-value",
      path: ["token"],
      message: "There are both a token and a user: NATS takes one of them",
    });
  }
  if (password !== undefined && user === undefined) {
    issues.push({
      code: "invalid-value",
      path: ["password"],
      message: "There is a password without a user",
    });
  }
  if (jetstream !== undefined && queueGroup !== undefined) {
    issues.push({
      code: "ineffective-key",
      path: ["queueGroup"],
      severity: "warning",
      message: "queueGroup has no effect: with JetStream consumers share",
      help: "Write jetstream.durable instead",
    });
  }
  return issues;
}

/** An address is shown to people, so it holds no password. */
function credentialsInAddress({ url, servers }: Config): Issue[] {
  const addresses = [
    { path: ["url"], text: url },
    ...(servers ?? []).map((text, index) => ({
      path: ["servers", index],
      text,
    })),
  ];
  return addresses
    .filter(({ text }) => /\/\/[^/]*@/.test(text))
    .map(({ path }) => ({
      code: "invalid-value",
      path,
      message: "The address holds a user or a password",
      help: "Write them into user and password, or token",
    }));
}

/** A stream that took its own dead letters would hand them out again. */
function overlapping({ jetstream }: Config): Issue[] {
  if (jetstream === undefined) return [];
  const dead = `${deadLettersOf(jetstream).prefix}.>`;
  return (jetstream.subjects ?? []).flatMap((pattern, index) =>
    subjectsOf(pattern).some((subject) => overlaps(subject, dead))
      ? [{
        code: "invalid-value" as const,
        path: ["jetstream", "subjects", index],
        message:
          `"${pattern}" would take the dead letters of the stream as well`,
        help: "Name the first segment, or choose another deadLetters",
      }]
      : []
  );
}
