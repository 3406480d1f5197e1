/**
 * Keys whose effect a test of the suite shows, since what is done with every type
 * does not: by type and key, the title of that test as its file writes it. That
 * file must speak of the key. Prefer an example or a document in `scenes/`: those
 * are tried, these are believed.
 *
 * @module
 */

/** The titles of tests, by key. */
export type ShownBy = Readonly<Record<string, string>>;

const CONTEXT = "dynamic.component gives each call its context";
const HANDED_ON = "dynamic.folder hands each of its files all that it grants";
const IN_ORDER = "data.transformer runs operations in order under its own name";
const CONVERTED = "transformWith() ${what}";
const TRACKED = "statemachine keeps the tracker up to date";
const DESCRIBED =
  "GET /api/instances/machines tells each description of a machine";
const FIRST = "http.proxy goes on to the next backend with the strategy first";

/** Two types with one config and one gateway behind them. */
const GATEWAY: ShownBy = {
  "composite_routes.*.backends": FIRST,
  "composite_routes.*.strategy": FIRST,
};

/** By kind and type, such as `module http.server`. */
export const SHOWN_BY: Readonly<Record<string, ShownBy>> = {
  "module auth.modular": {
    "jwt.secret": "auth.modular gives tokens that others can check",
    "jwt.issuer": "auth.modular gives tokens that others can check",
    "jwt.expiration": "auth.modular gives tokens that others can check",
    "jwt.refreshExpiration":
      "auth.modular takes a refresh token for as long as refreshExpiration says",
    "jwt.refresh": "auth.modular takes refresh over refreshExpiration",
    "session.cookieName":
      "auth.modular calls its cookie what cookieName says, and takes no other",
    "session.maxAge":
      "auth.modular ends a session after its maxAge, however much it is used",
    "session.path": "auth.modular makes its cookie secure behind https",
    "oauth2.providers.*.issuer":
      "an ID token that is not right is not believed",
    "oauth2.providers.*.authURL":
      "auth.modular sends browsers to the authURL of a provider",
    "oauth2.providers.*.tokenURL":
      "auth.modular exchanges a code at the tokenURL of a provider",
    "oauth2.providers.*.userInfoURL":
      "auth.modular asks the userInfoURL of a provider who somebody is",
    "oauth2.providers.*.clientID":
      "a browser signs in at a provider, keeps a session, and changes things with its CSRF token",
    "oauth2.providers.*.scopes":
      "a browser signs in at a provider, keeps a session, and changes things with its CSRF token",
    "oauth2.providers.*.allowPrivateIPs":
      "a browser signs in at a provider, keeps a session, and changes things with its CSRF token",
    "oauth2.providers.*.allowHTTP":
      "a browser signs in at a provider, keeps a session, and changes things with its CSRF token",
    "oauth2.providers.*.defaultRole":
      "roles follow groups, and an address that is not verified is left out",
    "publicURL":
      "auth.modular accepts the origin of its publicURL and no other",
    "allowRegistration":
      "auth.modular lets nobody register unless it is told to",
    "session.idleTimeout":
      "auth.modular ends a session that is not used, and any after a time",
    "session.secure": "auth.modular makes its cookie secure behind https",
    "session.sameSite": "auth.modular makes its cookie secure behind https",
    "session.domain": "auth.modular makes its cookie secure behind https",
    "oauth2.providers.*.clientSecret":
      "with a wrong client secret nobody signs in, and nothing tells it",
    "oauth2.providers.*.clientAuth":
      "auth.modular sends its secret as clientAuth says, and in no other way",
    "oauth2.providers.*.redirectURL":
      "auth.modular lets a provider send browsers back to its redirectURL",
    "oauth2.providers.*.subjectClaim":
      "identityOf() needs somebody, by sub, id or the claim that is named",
    "oauth2.providers.*.groupsClaim":
      "identityOf() finds groups in objects and in texts, and bounds them",
    "oauth2.providers.*.roles":
      "identityOf() takes over who it is, and roles by group",
    "password.minLength":
      "auth.modular asks new passwords for minLength characters",
    "password.requireUpper":
      "auth.modular asks new passwords for what its rules say",
    "password.requireLower":
      "auth.modular asks new passwords for what its rules say",
    "password.requireDigit":
      "auth.modular asks new passwords for what its rules say",
    "password.requireSpecial":
      "auth.modular asks new passwords for what its rules say",
  },
  "module cache.modular": {
    "redisDB": "cache.modular keeps the values of each redisDB apart",
    "engine": "cache.modular keeps values in Redis, which processes share",
    "redisURL": "cache.modular keeps values in Redis, which processes share",
    "redisPassword":
      "cache.modular uses the database and the password that its config names",
    "keyPrefix":
      "cache.modular uses the database and the password that its config names",
    "defaultTTL":
      "cache.modular counts up, and keeps the time of the first count",
    "maxItems":
      "cache.modular never holds more than maxItems: what was not used for longest goes",
  },
  "module data.cache": {
    "redisURL": "data.cache keeps values in the Redis of its redisURL",
    "backend": "data.cache is a cache with the keys of older documents",
    "maxSize": "data.cache is a cache with the keys of older documents",
  },
  "module database.modular": {
    "connections.*.maxOpenConns":
      "PostgreSQL: database.modular bounds each pool, and the life of its connections, by ${names}",
    "connections.*.connMaxLifetime":
      "PostgreSQL: database.modular bounds each pool, and the life of its connections, by ${names}",
    "connections.*.max_open_connections":
      "PostgreSQL: database.modular bounds each pool, and the life of its connections, by ${names}",
    "connections.*.connection_max_lifetime":
      "PostgreSQL: database.modular bounds each pool, and the life of its connections, by ${names}",
    "default": "database.modular refuses a default that it does not have",
  },
  "module database.workflow": {
    "connMaxLifetime":
      "PostgreSQL: a connection is replaced after its connMaxLifetime",
    "maxOpenConns": "PostgreSQL: the pool has as many connections as it may",
  },
  "module eventlogger.modular": {
    "eventTypeFilters":
      "eventlogger.modular writes to several targets, each with its own events",
    "outputTargets[].type":
      "eventlogger.modular writes to several targets, each with its own events",
    "outputTargets[].file.path":
      "eventlogger.modular writes to several targets, each with its own events",
    "includeMetadata":
      "eventlogger.modular shows colours and leaves out times where it is told to",
    "bufferSize":
      "eventlogger.modular says that it cannot write, keeps so many events, and goes on when it can",
    "enabled":
      "eventlogger.modular takes its config from the section of its name as well",
    "logLevel":
      "eventlogger.modular takes its config from the section of its name as well",
    "format":
      "eventlogger.modular shows colours and leaves out times where it is told to",
    "eventTypeBlacklist":
      "eventlogger.modular writes to several targets, each with its own events",
    "flushInterval":
      "eventlogger.modular writes together what comes together, and at once what is much",
    "outputTargets[].format":
      "eventlogger.modular shows colours and leaves out times where it is told to",
    "outputTargets[].filters":
      "eventlogger.modular writes to several targets, each with its own events",
    "outputTargets[].console.useColor":
      "eventlogger.modular shows colours and leaves out times where it is told to",
    "outputTargets[].console.timestamps":
      "eventlogger.modular shows colours and leaves out times where it is told to",
    "outputTargets[].file.maxSize":
      "eventlogger.modular begins a new file when one is full, and keeps so many",
    "outputTargets[].file.maxBackups":
      "eventlogger.modular begins a new file when one is full, and keeps so many",
    "outputTargets[].file.maxAge":
      "eventlogger.modular goes on with a file that is there, and removes what is too old",
  },
  "module httpclient.modular": {
    "maxRedirects":
      "httpclient.modular follows as many redirects as maxRedirects, and fails at one more",
    "headers":
      "httpclient.modular takes its headers along to its own origin only",
    "retries":
      "httpclient.modular waits as long as a service asks for, up to maxBackoff",
    "initialBackoff":
      "httpclient.modular tries again what may be repeated, longer apart each time",
    "maxBackoff":
      "httpclient.modular waits as long as a service asks for, up to maxBackoff",
    "maxPerHost": "httpclient.modular calls one host only so often at a time",
  },
  "module jsonschema.modular": {
    "body":
      "jsonschema.modular lets nothing pass when nobody knows what is to be looked at",
    "formats":
      "jsonschema.modular tells no more faults than faultsMax, and no formats if told so",
  },
  "module messaging.kafka": {
    "encryptionKey":
      "messaging.kafka encrypts with versioned keys, and takes what is not encrypted",
    "encryptionKeyVersion":
      "messaging.kafka encrypts with versioned keys, and takes what is not encrypted",
    "keyField":
      "messaging.kafka carries payloads, keys and headers, in the order of each key",
    "startFrom":
      "messaging.kafka goes on where a group has stopped, also where it had read nothing",
    "retryBackoffMs":
      "messaging.kafka gives a failing handler a message again, then makes it a dead letter and goes on",
    "brokers":
      "messaging.kafka goes on where a group has stopped, also where it had read nothing",
    "groupId":
      "messaging.kafka goes on where a group has stopped, also where it had read nothing",
    "groupID":
      "messaging.kafka takes both spellings of a group, and says what makes no sense",
    "compression":
      "messaging.kafka carries payloads, keys and headers, in the order of each key",
    "headers":
      "messaging.kafka carries payloads, keys and headers, in the order of each key",
    "attemptsMax":
      "messaging.kafka holds a message up whose dead letter cannot be written, and says so",
    "deadLetterTopic":
      "messaging.kafka gives a failing handler a message again, then makes it a dead letter and goes on",
    "timeout":
      "messaging.kafka gives up on publishing after its timeout, and says why",
    "previousEncryptionKeys":
      "messaging.kafka encrypts with versioned keys, and takes what is not encrypted",
    "ssl.ca":
      "messaging.kafka signs in over TLS, and says when it is refused without the password",
    "sasl.mechanism":
      "messaging.kafka signs in over TLS, and says when it is refused without the password",
    "sasl.username":
      "messaging.kafka signs in over TLS, and says when it is refused without the password",
    "sasl.password":
      "messaging.kafka signs in over TLS, and says when it is refused without the password",
    "clientId": "messaging.kafka is known to its servers by its clientId",
    "acks":
      "messaging.kafka publishes where one replica of two is left, unless acks asks for all",
    "key":
      "messaging.kafka gives each message the key that its expression says, or none",
    "messageIds":
      "messaging.kafka knows a message again that is written twice, unless messageIds are off",
    "concurrency":
      "messaging.kafka handles as many partitions at a time as concurrency says",
    "sessionTimeout":
      "messaging.kafka leaves its partitions to others once it was silent for its sessionTimeout",
    "ssl.cert":
      "messaging.kafka shows its certificate to servers that ask for one",
    "ssl.key":
      "messaging.kafka shows its certificate to servers that ask for one",
  },
  "module messaging.nats": {
    "initialBackoff":
      "messaging.nats tries again after initialBackoff, twice as long each time, up to maxBackoff",
    "maxBackoff":
      "messaging.nats tries again after initialBackoff, twice as long each time, up to maxBackoff",
    "jetstream.retryBackoff":
      "a message that failed comes again after retryBackoff, and after maxRetryBackoff at the latest",
    "jetstream.maxRetryBackoff":
      "a message that failed comes again after retryBackoff, and after maxRetryBackoff at the latest",
    "jetstream.replicas":
      "a stream with replicas outlives the server that leads it, and loses nothing",
    "jetstream.storage":
      "a stream is set up as the document says, and so is that of its dead letters",
    "jetstream.maxAge":
      "a stream is set up as the document says, and so is that of its dead letters",
    "jetstream.duplicateWindow":
      "a stream is set up as the document says, and so is that of its dead letters",
    "jetstream.deadLetters":
      "a stream is set up as the document says, and so is that of its dead letters",
    "jetstream.stream":
      "a stream is made, and hands each message to every subscription in order",
    "jetstream.deliverFrom":
      "a stream that is there takes the subjects of the document as well",
    "url": "messaging.nats refuses what is no topic of NATS before it connects",
    "servers":
      "messaging.nats wants no password in an address, and does not show it",
    "user":
      "messaging.nats wants no password in an address, and does not show it",
    "password":
      "messaging.nats wants no password in an address, and does not show it",
    "token":
      "a NATS server of several that is there is found, and takes a token",
    "requestTimeout":
      "messaging.nats starts where there is no server, and says so",
    "queueGroup":
      "processes of one queue group share the messages of NATS, and others get all",
    "concurrency":
      "several messages are handled at a time where the document says so",
    "jetstream.subjects":
      "a stream that is there takes the subjects of the document as well",
    "jetstream.durable":
      "two processes share the messages of a stream, and a reload loses none",
    "jetstream.ackWait":
      "a message that is handled for longer than ackWait is not handed out again",
    "jetstream.maxDeliver":
      "a message that ends whoever handles it becomes a dead letter at last",
  },
  "module notification.slack": {
    "channel":
      "notification.slack posts what its template says, where data is no markup",
    "username":
      "notification.slack sends what a step asks for, with markup if it says so",
  },
  "module persistence.store": {
    "connection":
      "persistence.store keeps resources in the connection that is named, else in the default one",
    "encryption.keys[].id": "a text opens with its key and at its place only",
    "encryption.fields": "fields of fields are encrypted where they are named",
    "encryption.keys[].key":
      "what the original engine encrypted is read with any of the keys",
  },
  "module storage.s3": {
    "region": "storage.s3 says where a bucket is instead, and does not follow",
    "endpoint":
      "storage.s3 addresses Amazon by host, and other servers by path",
    "accessKeyId":
      "storage.s3 without credentials starts, and says that there are none",
    "secretAccessKey":
      "storage.s3 without credentials starts, and says that there are none",
    "sessionToken":
      "credentialsOf() takes those of the environment where the config has none",
    "forcePathStyle":
      "storage.s3 addresses Amazon by host, and other servers by path",
    "timeout": "storage.s3 gives a server that does not answer a time limit",
    "multipartThreshold":
      "storage.s3 writes large objects in parts, from a file and from a stream",
    "partSize": "storage.s3 leaves nothing behind of an upload that breaks off",
  },
  "module api.handler": {
    instanceIDField:
      "api.handler names the instance by the field of instanceIDField",
    transitionMap: "runSubAction() goes by transitionMap",
    appendActions: "runSubAction() appends to a list",
    summaryFields: "api.handler summarises the fields that are named",
    adminRole:
      "Caller takes ${JSON.stringify(claims)} for an administrator: ${isAdmin}",
    groupField:
      "readViewHealth() groups by a field and tells how long it waits",
    alertThreshold:
      "readViewHealth() groups by a field and tells how long it waits",
  },
  "module conditional.expression": {
    outputs: "conditional.expression goes the way that its expression names",
  },
  "module data.transformer": {
    pipeline: "data.transformer checks the name of its pipeline",
    "operations[].type": IN_ORDER,
    "operations[].config.from": CONVERTED,
    "pipelines.*[].type": IN_ORDER,
    "pipelines.*[].config.from": CONVERTED,
    "pipelines.*[].config.to": CONVERTED,
  },
  "module dynamic.component": {
    componentId: "dynamic.component is called by its componentId in logs",
    source: "dynamic.component reads a .go source as the .ts file beside it",
    code: "dynamic.component runs the code that stands in the document",
    optional:
      "dynamic.component that is optional keeps no document from starting",
    provides: "dynamic.component is known under every name that it provides",
    requires: "dynamic.component hands over the modules that it requires",
    "permissions.net": CONTEXT,
    "permissions.read": CONTEXT,
    "permissions.write":
      "dynamic.component writes and reads only inside of the folder",
    "permissions.env":
      "dynamic.component gives no variable of the environment that is not granted, and says so",
    env: CONTEXT,
    secrets: CONTEXT,
    maxExecutionTime: CONTEXT,
    maxExecutionTimeSeconds:
      "dynamic.component limits how long a call may take",
    maxConcurrency:
      "dynamic.component runs as many calls at once as maxConcurrency says",
    maxOutputSize: "dynamic.component limits the size of a result",
    isolation:
      "dynamic.component says aloud that nothing isolates what is to run without a sandbox",
  },
  "module dynamic.folder": {
    folder:
      "dynamic.folder says that there is no such folder, and none outside of the document's",
    requires: HANDED_ON,
    "permissions.net": HANDED_ON,
    "permissions.read": HANDED_ON,
    "permissions.write": HANDED_ON,
    "permissions.env": HANDED_ON,
    env: HANDED_ON,
    secrets: HANDED_ON,
    maxExecutionTime: HANDED_ON,
    maxExecutionTimeSeconds: HANDED_ON,
    maxConcurrency: HANDED_ON,
    maxOutputSize: HANDED_ON,
    isolation: HANDED_ON,
  },
  "module http.proxy": GATEWAY,
  "module httpserver.modular": {
    "tls.enabled":
      "httpserver.modular refuses TLS rather than to answer in the open",
  },
  "module job.store": {
    recordsMax:
      "job.store with storeType: ${storeType} keeps the newest, up to its bound",
  },
  "module metrics.collector": {
    namespace: "metrics.collector puts its namespace before its own metrics",
  },
  "module reverseproxy": GATEWAY,
  "workflow integration": {
    registry:
      "one step of a request is the connector that it names and the flow",
    allowAdHoc:
      "steps of a request are refused unless the section allows them, and where they are none",
    "connectors[].type":
      "a section without connectors, or with one of an unknown type, is refused",
    "connectors[].config.maxOpenConns":
      "PostgreSQL is asked over as many connections as maxOpenConns says",
  },
  "workflow statemachine": {
    connector: TRACKED,
    "definitions[].description": DESCRIBED,
    "definitions[].states.*.description": DESCRIBED,
    "definitions[].transitions.*.description": DESCRIBED,
    "resourceMappings[].stateMachine": TRACKED,
  },
};
