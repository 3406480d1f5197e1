/**
 * Keys whose effect nothing in this suite shows yet: most of them need the server that
 * their type speaks to. They are not tried; the list may only get shorter.
 *
 * @module
 */

/** By kind and type. */
export const NOT_SHOWN_YET: Readonly<Record<string, readonly string[]>> = {
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
};
