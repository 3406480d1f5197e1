/**
 * Keys whose effect nothing in this suite shows yet: most of them need the server that
 * their type speaks to. They are not tried; the list may only get shorter.
 *
 * @module
 */

/** By kind and type. */
export const NOT_SHOWN_YET: Readonly<Record<string, readonly string[]>> = {
  "module auth.modular": [
    "jwt.refreshExpiration",
    "jwt.refresh",
    "session.cookieName",
    "session.maxAge",
    "oauth2.providers.*.authURL",
    "oauth2.providers.*.tokenURL",
    "oauth2.providers.*.userInfoURL",
    "oauth2.providers.*.clientAuth",
    "oauth2.providers.*.redirectURL",
    "password.minLength",
  ],
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
