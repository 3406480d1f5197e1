/**
 * Keys whose effect nothing in this suite shows yet: most of them need the server that
 * their type speaks to. They are not tried; the list may only get shorter.
 *
 * @module
 */

/** By kind and type. */
export const NOT_SHOWN_YET: Readonly<Record<string, readonly string[]>> = {
  "module auth.modular": [
    "jwt.secret",
    "jwt.expiration",
    "jwt.refreshExpiration",
    "jwt.refresh",
    "jwt.issuer",
    "session.cookieName",
    "session.maxAge",
    "session.path",
    "oauth2.providers.*.issuer",
    "oauth2.providers.*.authURL",
    "oauth2.providers.*.tokenURL",
    "oauth2.providers.*.userInfoURL",
    "oauth2.providers.*.clientID",
    "oauth2.providers.*.clientAuth",
    "oauth2.providers.*.redirectURL",
    "oauth2.providers.*.scopes",
    "oauth2.providers.*.defaultRole",
    "oauth2.providers.*.allowPrivateIPs",
    "oauth2.providers.*.allowHTTP",
    "password.minLength",
  ],
  "module cache.modular": [
    "engine",
    "redisURL",
    "redisPassword",
    "redisDB",
    "keyPrefix",
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
    "maxRows",
  ],
  "module eventlogger.modular": [
    "eventTypeFilters",
    "includeMetadata",
    "bufferSize",
    "outputTargets[].type",
    "outputTargets[].file.path",
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
