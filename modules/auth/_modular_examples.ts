/**
 * The documents that show `auth.modular` at work.
 *
 * @module
 */
import type { Example } from "@engine/define.ts";

/** A value that stands in an example only. */
const EXAMPLE_SECRET = "an-example-secret-that-nobody-must-use";

/** Sign-in with a password; sign-in elsewhere, as far as it goes without a provider. */
export const modularExamples: readonly Example[] = [{
  title: "Register, and what needs somebody who is signed in",
  modules: [
    { name: "server", type: "http.server", config: { address: ":0" } },
    { name: "router", type: "http.router" },
    {
      name: "auth",
      type: "auth.modular",
      config: {
        jwt: { secret: EXAMPLE_SECRET, expiration: "1h" },
        allowRegistration: true,
        password: { minLength: 10 },
      },
    },
    { name: "orders", type: "http.handler" },
  ],
  workflows: {
    http: {
      routes: [
        { method: "GET", path: "/auth/{action}", handler: "auth" },
        { method: "POST", path: "/auth/{action}", handler: "auth" },
        {
          method: "GET",
          path: "/orders",
          handler: "orders",
          middlewares: ["auth"],
        },
      ],
    },
  },
  exchanges: [{
    request: {
      method: "POST",
      path: "/auth/register",
      body: {
        email: "ada@example.org",
        name: "Ada",
        password: "correct horse",
      },
    },
    response: {
      status: 201,
      body: { expiresIn: 3_600, user: { email: "ada@example.org" } },
    },
  }, {
    request: { method: "GET", path: "/auth/me" },
    response: { status: 401, body: { error: "Nobody is signed in" } },
  }, {
    request: { method: "GET", path: "/orders" },
    response: { status: 401 },
  }],
}, {
  title: "Sign in with an account of another service",
  modules: [
    { name: "server", type: "http.server", config: { address: ":0" } },
    { name: "router", type: "http.router" },
    {
      name: "auth",
      type: "auth.modular",
      config: {
        publicURL: "https://shop.example.com",
        jwt: { secret: EXAMPLE_SECRET },
        session: { maxAge: "12h", idleTimeout: "30m" },
        oauth2: {
          providers: {
            company: {
              issuer: "https://login.example.com",
              clientID: "shop",
              clientSecret: "an-example-secret",
              groupsClaim: "groups",
              roles: { "shop-admins": "admin" },
              defaultRole: "customer",
            },
          },
        },
      },
    },
  ],
  workflows: {
    http: {
      routes: [
        { method: "GET", path: "/auth/{action}", handler: "auth" },
        { method: "POST", path: "/auth/{action}", handler: "auth" },
        { method: "GET", path: "/auth/{action}/{provider}", handler: "auth" },
      ],
    },
  },
  exchanges: [{
    request: { method: "GET", path: "/auth/login" },
    response: { status: 200, body: { providers: ["company"] } },
  }, {
    request: {
      method: "GET",
      path: "/auth/login/company?returnTo=https://elsewhere.example.com/",
    },
    response: { status: 400 },
  }],
}];
