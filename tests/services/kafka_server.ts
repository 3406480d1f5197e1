/**
 * An Apache Kafka server of a test's own: one node in KRaft mode that is broker and
 * controller, made, started, killed and removed. Besides a listener that takes
 * everybody there is one with TLS that asks for a password.
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

/** A server that runs. */
export interface KafkaServer extends TestServer {
  /** The address that takes everybody. */
  readonly address: string;
  /** The address with TLS and a password. */
  readonly secureAddress: string;
  readonly user: string;
  readonly password: string;
  /** The certificate of the secure address, as PEM. */
  readonly certificate: string;
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
  } catch {
    return "no Java";
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
  readonly #process: ServerProcess;
  #certificate = "";

  constructor(folder: string) {
    this.#folder = folder;
    this.#process = new ServerProcess({
      program: "java",
      args: [
        ...["-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"],
        `-Dlog4j2.configurationFile=${join(folder, "log4j2.properties")}`,
        ...["-cp", join(JARS, "*"), "kafka.Kafka"],
        join(folder, "server.properties"),
      ],
      isReady: () => isListening(this.#port),
      startMs: START_MS,
    });
  }

  get address(): string {
    return `127.0.0.1:${this.#port}`;
  }

  get secureAddress(): string {
    return `127.0.0.1:${this.#securePort}`;
  }

  get certificate(): string {
    return this.#certificate;
  }

  async make(): Promise<void> {
    const properties = join(this.#folder, "server.properties");
    await Deno.writeTextFile(properties, this.#properties(freePort()));
    await Deno.writeTextFile(
      join(this.#folder, "log4j2.properties"),
      LOG_PROPERTIES,
    );
    await this.#makeCertificate();
    await run("java", [
      ...["-XX:TieredStopAtLevel=1", "-cp", join(JARS, "*")],
      ...["kafka.tools.StorageTool", "format", "-t", "MkU3OEVBNTcwNTJENDM2Qk"],
      ...["-c", properties, "--add-scram"],
      `SCRAM-SHA-512=[name=${this.user},password=${this.password}]`,
    ]);
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

  #properties(controllerPort: number): string {
    const listeners =
      `PLAINTEXT://${this.address},SASL_SSL://${this.secureAddress}`;
    const jaas = "org.apache.kafka.common.security";
    return Object.entries({
      "process.roles": "broker,controller",
      "node.id": "1",
      "controller.quorum.voters": `1@127.0.0.1:${controllerPort}`,
      "listeners": `${listeners},CONTROLLER://127.0.0.1:${controllerPort}`,
      "advertised.listeners": listeners,
      "controller.listener.names": "CONTROLLER",
      "inter.broker.listener.name": "PLAINTEXT",
      "listener.security.protocol.map":
        "PLAINTEXT:PLAINTEXT,SASL_SSL:SASL_SSL,CONTROLLER:PLAINTEXT",
      "sasl.enabled.mechanisms": "PLAIN,SCRAM-SHA-512",
      "listener.name.sasl_ssl.plain.sasl.jaas.config":
        `${jaas}.plain.PlainLoginModule required ` +
        `user_${this.user}="${this.password}";`,
      "listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config":
        `${jaas}.scram.ScramLoginModule required;`,
      "ssl.keystore.location": join(this.#folder, "keys.p12"),
      "ssl.keystore.password": STORE_PASSWORD,
      "ssl.keystore.type": "PKCS12",
      "offsets.topic.replication.factor": "1",
      "offsets.topic.num.partitions": "4",
      "transaction.state.log.replication.factor": "1",
      "transaction.state.log.min.isr": "1",
      "share.coordinator.state.topic.replication.factor": "1",
      "share.coordinator.state.topic.min.isr": "1",
      "group.initial.rebalance.delay.ms": "0",
      // One that was killed may register again this soon.
      "broker.session.timeout.ms": "2000",
      "broker.heartbeat.interval.ms": "500",
      "num.partitions": "3",
      "log.dirs": join(this.#folder, "data"),
    }).map(([key, value]) => `${key}=${value}\n`).join("");
  }
}

const LOG_PROPERTIES = `status=error
rootLogger.level=error
rootLogger.appenderRef.stderr.ref=stderr
appender.stderr.type=Console
appender.stderr.name=stderr
appender.stderr.target=SYSTEM_ERR
appender.stderr.layout.type=PatternLayout
appender.stderr.layout.pattern=%p %c{1} %m%n
`;

async function run(program: string, args: readonly string[]): Promise<void> {
  const { success, stdout, stderr } = await new Deno.Command(program, {
    args: [...args],
  }).output();
  if (success) return;
  const text = [stdout, stderr].map((part) => new TextDecoder().decode(part));
  throw new Error(`Cannot run ${program}: ${text.join("\n")}`);
}
