/**
 * An Apache Kafka server of a test's own: one node in KRaft mode that is broker and
 * controller, made, started, killed and removed. Besides a listener that takes
 * everybody there is one with TLS that asks for a password, and one with TLS that asks
 * for a certificate. A second node may join it.
 *
 * @module
 */
import { join } from "node:path";
import {
  freePort,
  isListening,
  PROGRAMS,
  serverOfFile as keptServer,
  ServerProcess,
  type TestServer,
} from "./server.ts";

/** Where `install_kafka.sh` puts it. */
const JARS = join(PROGRAMS, "kafka-4.1.2");

/** How long it may take to start, in milliseconds: a machine under load is slow. */
const START_MS = 90_000;

/** Of the key store, which holds nothing but a certificate that nobody trusts. */
const STORE_PASSWORD = "changeit";

/** Of all nodes of a cluster. */
const CLUSTER = "MkU3OEVBNTcwNTJENDM2Qk";

const JAVA_OPTIONS = [
  "-Xmx512m",
  "-XX:+UseSerialGC",
  "-XX:TieredStopAtLevel=1",
];

/** A certificate that nobody has signed, and its key, as PEM. */
export interface Identity {
  readonly cert: string;
  readonly key: string;
}

/** A server that runs. */
export interface KafkaServer extends TestServer {
  /** The address that takes everybody. */
  readonly address: string;
  /** The address with TLS and a password. */
  readonly secureAddress: string;
  readonly user: string;
  readonly password: string;
  /** The address with TLS that takes one certificate only. */
  readonly mutualAddress: string;
  /** Whom the mutual address takes. */
  readonly client: Identity;
  /** The certificate of both addresses with TLS, as PEM. */
  readonly certificate: string;
  /** Starts a second node of its cluster, which has the number 2. */
  startSecond(): Promise<AsyncDisposable>;
  /** Lets it stand still, until `SIGCONT`. */
  signal(signal: "SIGSTOP" | "SIGCONT"): Promise<void>;
}

/** A server that is removed after the tests of a file; else why there is none. */
export async function serverOfFile(): Promise<KafkaServer | string> {
  return await keptServer(await missing(), startKafka);
}

async function missing(): Promise<string | undefined> {
  try {
    await Deno.stat(JARS);
  } catch {
    return `no Kafka in ${JARS}: run tests/services/install_kafka.sh`;
  }
  try {
    await run("java", ["-version"]);
    await run("openssl", ["version"]);
  } catch {
    return "no Java, or no OpenSSL";
  }
}

/** Makes a server and starts it. */
export async function startKafka(): Promise<KafkaServer> {
  const folder = await Deno.makeTempDir({ prefix: "workflow-kafka-" });
  const server = new Server(folder);
  try {
    await server.make();
    await server.start();
  } catch (error) {
    await server[Symbol.asyncDispose]();
    throw error;
  }
  return server;
}

class Server implements KafkaServer {
  readonly user = "orders";
  readonly password = "never-in-a-message";
  readonly #folder: string;
  readonly #port = freePort();
  readonly #securePort = freePort();
  readonly #mutualPort = freePort();
  readonly #controller = `127.0.0.1:${freePort()}`;
  readonly #process: ServerProcess;
  #certificate = "";
  #client: Identity = { cert: "", key: "" };

  constructor(folder: string) {
    this.#folder = folder;
    this.#process = nodeIn(folder, this.#port);
  }

  get address(): string {
    return `127.0.0.1:${this.#port}`;
  }

  get secureAddress(): string {
    return `127.0.0.1:${this.#securePort}`;
  }

  get mutualAddress(): string {
    return `127.0.0.1:${this.#mutualPort}`;
  }

  get certificate(): string {
    return this.#certificate;
  }

  get client(): Identity {
    return this.#client;
  }

  async make(): Promise<void> {
    await this.#makeCertificate();
    this.#client = await makeIdentity("client");
    const trusted = join(this.#folder, "client.pem");
    await Deno.writeTextFile(trusted, this.#client.cert);
    await format(this.#folder, this.#properties(trusted), [
      "--add-scram",
      `SCRAM-SHA-512=[name=${this.user},password=${this.password}]`,
    ]);
  }

  async startSecond(): Promise<AsyncDisposable> {
    const folder = join(this.#folder, "second");
    await Deno.mkdir(folder);
    const port = freePort();
    await format(folder, {
      "process.roles": "broker",
      "node.id": "2",
      "controller.quorum.voters": `1@${this.#controller}`,
      "listeners": `PLAINTEXT://127.0.0.1:${port}`,
      "controller.listener.names": "CONTROLLER",
      "listener.security.protocol.map":
        "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
      ...SESSION,
      "log.dirs": join(folder, "data"),
    });
    const node = nodeIn(folder, port);
    await node.start();
    return node;
  }

  start(): Promise<void> {
    return this.#process.start();
  }

  kill(): Promise<void> {
    return this.#process.kill();
  }

  async signal(signal: "SIGSTOP" | "SIGCONT"): Promise<void> {
    await this.#process.signal(signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#process.kill();
    await Deno.remove(this.#folder, { recursive: true });
  }

  async #makeCertificate(): Promise<void> {
    const store = join(this.#folder, "keys.p12");
    const pem = join(this.#folder, "certificate.pem");
    const place = ["-keystore", store, "-storepass", STORE_PASSWORD];
    await run("keytool", [
      ...["-genkeypair", "-alias", "kafka", "-keyalg", "RSA"],
      ...["-dname", "CN=localhost", "-ext", "SAN=ip:127.0.0.1,dns:localhost"],
      ...["-validity", "2", "-storetype", "PKCS12", ...place],
    ]);
    await run("keytool", [
      ...["-exportcert", "-rfc", "-alias", "kafka", "-file", pem, ...place],
    ]);
    this.#certificate = await Deno.readTextFile(pem);
  }

  #properties(trusted: string): Properties {
    const listeners =
      `PLAINTEXT://${this.address},SASL_SSL://${this.secureAddress},` +
      `SSL://${this.mutualAddress}`;
    const jaas = "org.apache.kafka.common.security";
    return {
      "process.roles": "broker,controller",
      "node.id": "1",
      "controller.quorum.voters": `1@${this.#controller}`,
      "listeners": `${listeners},CONTROLLER://${this.#controller}`,
      "advertised.listeners": listeners,
      "controller.listener.names": "CONTROLLER",
      "inter.broker.listener.name": "PLAINTEXT",
      "listener.security.protocol.map":
        "PLAINTEXT:PLAINTEXT,SASL_SSL:SASL_SSL,SSL:SSL,CONTROLLER:PLAINTEXT",
      "sasl.enabled.mechanisms": "PLAIN,SCRAM-SHA-512",
      "listener.name.sasl_ssl.plain.sasl.jaas.config":
        `${jaas}.plain.PlainLoginModule required ` +
        `user_${this.user}="${this.password}";`,
      "listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config":
        `${jaas}.scram.ScramLoginModule required;`,
      "ssl.keystore.location": join(this.#folder, "keys.p12"),
      "ssl.keystore.password": STORE_PASSWORD,
      "ssl.keystore.type": "PKCS12",
      "listener.name.ssl.ssl.client.auth": "required",
      "listener.name.ssl.ssl.truststore.type": "PEM",
      "listener.name.ssl.ssl.truststore.location": trusted,
      "offsets.topic.replication.factor": "1",
      "offsets.topic.num.partitions": "4",
      "transaction.state.log.replication.factor": "1",
      "transaction.state.log.min.isr": "1",
      "share.coordinator.state.topic.replication.factor": "1",
      "share.coordinator.state.topic.min.isr": "1",
      "group.initial.rebalance.delay.ms": "0",
      ...SESSION,
      "num.partitions": "3",
      "log.dirs": join(this.#folder, "data"),
    };
  }
}

type Properties = Readonly<Record<string, string>>;

/** One that was killed may register again this soon. */
const SESSION: Properties = {
  "broker.session.timeout.ms": "2000",
  "broker.heartbeat.interval.ms": "500",
};

const LOG_PROPERTIES = `status=error
rootLogger.level=error
rootLogger.appenderRef.stderr.ref=stderr
appender.stderr.type=Console
appender.stderr.name=stderr
appender.stderr.target=SYSTEM_ERR
appender.stderr.layout.type=PatternLayout
appender.stderr.layout.pattern=%p %c{1} %m%n
`;

/** A node with the data of a folder. */
function nodeIn(folder: string, port: number): ServerProcess {
  return new ServerProcess({
    program: "java",
    args: [
      ...JAVA_OPTIONS,
      `-Dlog4j2.configurationFile=${join(folder, "log4j2.properties")}`,
      ...["-cp", join(JARS, "*"), "kafka.Kafka"],
      join(folder, "server.properties"),
    ],
    isReady: () => isListening(port),
    startMs: START_MS,
  });
}

/** Makes the data of a node that has none. */
async function format(
  folder: string,
  properties: Properties,
  more: readonly string[] = [],
): Promise<void> {
  const file = join(folder, "server.properties");
  const lines = Object.entries(properties).map(([key, value]) =>
    `${key}=${value}\n`
  );
  await Deno.writeTextFile(file, lines.join(""));
  await Deno.writeTextFile(join(folder, "log4j2.properties"), LOG_PROPERTIES);
  await run("java", [
    ...["-XX:TieredStopAtLevel=1", "-cp", join(JARS, "*")],
    ...["kafka.tools.StorageTool", "format", "-t", CLUSTER, "-c", file],
    ...more,
  ]);
}

/** Makes a certificate that nobody trusts yet. */
export async function makeIdentity(name: string): Promise<Identity> {
  const folder = await Deno.makeTempDir({ prefix: "workflow-identity-" });
  const [cert, key] = [join(folder, "cert.pem"), join(folder, "key.pem")];
  try {
    await run("openssl", [
      ...["req", "-new", "-x509", "-days", "2", "-nodes"],
      ...["-subj", `/CN=${name}`, "-keyout", key, "-out", cert],
    ]);
    return {
      cert: await Deno.readTextFile(cert),
      key: await Deno.readTextFile(key),
    };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function run(program: string, args: readonly string[]): Promise<void> {
  const { success, stdout, stderr } = await new Deno.Command(program, {
    args: [...args],
  }).output();
  if (success) return;
  const text = [stdout, stderr].map((part) => new TextDecoder().decode(part));
  throw new Error(`Cannot run ${program}: ${text.join("\n")}`);
}
