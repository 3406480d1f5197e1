/**
 * Keys whose effect nothing in this suite shows yet: most of them need the server that
 * their type speaks to. They are not tried; the list may only get shorter.
 *
 * @module
 */

/** By kind and type. */
export const NOT_SHOWN_YET: Readonly<Record<string, readonly string[]>> = {
  "module cache.modular": [
    "redisDB",
  ],
  "module data.cache": [
    "redisURL",
  ],
  "module database.modular": [
    "connections.*.maxOpenConns",
    "connections.*.connMaxLifetime",
  ],
  "module database.workflow": [
    "connMaxLifetime",
  ],
  "module httpclient.modular": [
    "maxRedirects",
  ],
  "module messaging.kafka": [
    "clientId",
    "acks",
    "key",
    "messageIds",
    "concurrency",
    "sessionTimeout",
    "ssl.cert",
    "ssl.key",
  ],
  "module messaging.nats": [
    "initialBackoff",
    "maxBackoff",
    "jetstream.replicas",
    "jetstream.retryBackoff",
    "jetstream.maxRetryBackoff",
  ],
  "module persistence.store": [
    "connection",
    "encryption.keys[].id",
  ],
};
