/**
 * A document for each kind of problem: the smallest that provokes it, and the
 * same without it. The pages of the docs print them together with what the
 * engine says, and a test runs them, so that neither can become untrue.
 *
 * Longer than 400 lines because every code has its two documents here.
 *
 * @module
 */
import { z } from "zod";
import type { ModuleDefinition } from "../define.ts";
import { DOCUMENT_CHARACTERS_MAX } from "./parse.ts";
import type { ProblemCode } from "./problem.ts";

/** One kind of problem, shown. */
export interface ProblemExample {
  /** What it means beyond its one line, and when it is reported. */
  readonly meaning: string;
  /** The smallest document that has it. */
  readonly document: string;
  /** The line at which it is reported. */
  readonly line: number;
  /** What to do, in one sentence without a full stop. */
  readonly fix: string;
  /** The document without it. */
  readonly fixed: string;
  /** Shown in place of a document that is too long to be shown. */
  readonly shown?: string;
  /** A type that the document uses and that no build has. */
  readonly definition?: ModuleDefinition;
}

/** A type whose keys are not settled, as an author would write it. */
const experimental: ModuleDefinition = {
  kind: "module",
  type: "example.experimental",
  summary: "Shows what an experimental type is",
  stability: "experimental",
  config: z.strictObject({}),
  provides: [],
  examples: [],
  create: () => ({}),
};

/** Every kind of problem, in the order of the codes. */
export const PROBLEM_EXAMPLES: Readonly<Record<ProblemCode, ProblemExample>> = {
  "yaml-syntax": {
    meaning: "Nothing else is checked until the text can be read. A key that " +
      "stands twice in a map, an alias without an anchor and values that are " +
      "nested too deep count as well; a tag that is not understood is a warning.",
    document: `modules:
  - name: server
   type: http.server
`,
    line: 3,
    fix: "Indent the keys of a map alike, with spaces",
    fixed: `modules:
  - name: server
    type: http.server
    config: { address: ":8080" }
`,
  },
  "document-too-large": {
    meaning: "The limit keeps a text that nobody wrote by hand from filling " +
      "the memory of the engine.",
    document: `modules: []\n${"#".repeat(DOCUMENT_CHARACTERS_MAX)}\n`,
    shown: `modules: []\n### … and so on for a million characters\n`,
    line: 1,
    fix: "Split the document: one engine runs several",
    fixed: "modules: []\n",
  },
  "not-a-document": {
    meaning: "Any YAML can be read, but a text without any of the sections " +
      "is most likely another kind of file, or a section is misspelt.",
    document: `module:
  - name: server
    type: http.server
    config: { address: ":8080" }
`,
    line: 1,
    fix: "Put the modules under the key modules",
    fixed: `modules:
  - name: server
    type: http.server
    config: { address: ":8080" }
`,
  },
  "missing-key": {
    meaning: "It is reported where the key would stand: at the config, or at " +
      "the module if it has no config.",
    document: `modules:
  - name: accounts
    type: auth.jwt
    config:
      issuer: shop
`,
    line: 4,
    fix: "Write the key; the page of the type says what it means",
    fixed: `modules:
  - name: accounts
    type: auth.jwt
    config:
      issuer: shop
      secret: "a-secret-of-at-least-thirty-two-bytes"
`,
  },
  "invalid-value": {
    meaning: "Numbers and booleans may be written as strings, since that is " +
      "what environment variables are; anything else must have its type.",
    document: `modules:
  - name: server
    type: http.server
    config:
      address: ":8080"
      maxBodyBytes: plenty
`,
    line: 6,
    fix: "Write a value of the type that is expected",
    fixed: `modules:
  - name: server
    type: http.server
    config:
      address: ":8080"
      maxBodyBytes: 1048576
`,
  },
  "unknown-key": {
    meaning: "In a strict document every unknown key is an error. Elsewhere " +
      "only one that stands in the place of a required key is; others are " +
      "[ineffective-key](ineffective-key.md) warnings.",
    document: `strict: true
modules:
  - name: server
    type: http.server
    config:
      address: ":8080"
      readTimout: 30s
`,
    line: 7,
    fix: "Correct the key, or remove it",
    fixed: `strict: true
modules:
  - name: server
    type: http.server
    config:
      address: ":8080"
      readTimeout: 30s
`,
  },
  "ineffective-key": {
    meaning: "Documents for the original engine carry keys that never did " +
      "anything, so this is a warning; `strict: true` makes it an " +
      "[unknown-key](unknown-key.md) error. A key that is known but cannot " +
      "have an effect next to another one is reported in the same way.",
    document: `modules:
  - name: server
    type: http.server
    config:
      address: ":8080"
      readTimout: 30s
`,
    line: 6,
    fix: "Correct the key, or remove it",
    fixed: `modules:
  - name: server
    type: http.server
    config:
      address: ":8080"
      readTimeout: 30s
`,
  },
  "inert-key": {
    meaning: "The key belonged to the original engine's format. The page of " +
      "the type lists such keys with the reason for each.",
    document: `modules:
  - name: router
    type: http.router
    config:
      prefix: /api
`,
    line: 5,
    fix: "Remove the key",
    fixed: `modules:
  - name: router
    type: http.router
`,
  },
  "unknown-type": {
    meaning: "The types of a build are fixed: a document cannot add one.",
    document: `modules:
  - name: router
    type: http.ruoter
`,
    line: 3,
    fix: "Write a type that this build has",
    fixed: `modules:
  - name: router
    type: http.router
`,
  },
  "unknown-workflow-type": {
    meaning: "The keys under `workflows` are types, not names of your choice.",
    document: `workflows:
  htpp:
    routes: []
`,
    line: 2,
    fix: "Write a workflow type that this build has, and the modules it needs",
    fixed: `modules:
  - name: server
    type: http.server
    config: { address: ":8080" }
  - name: router
    type: http.router
workflows:
  http:
    routes: []
`,
  },
  "unknown-trigger-type": {
    meaning: "The keys under `triggers` are types, not names of your choice.",
    document: `triggers:
  events:
    subscriptions: []
`,
    line: 2,
    fix: "Write a trigger type that this build has, and the modules it needs",
    fixed: `modules:
  - name: broker
    type: messaging.broker
triggers:
  event:
    subscriptions: []
`,
  },
  "duplicate-name": {
    meaning: "Everything in a document refers to modules by their names.",
    document: `modules:
  - name: web
    type: http.router
  - name: web
    type: http.server
    config: { address: ":8080" }
`,
    line: 4,
    fix: "Rename one of the two, and what refers to it",
    fixed: `modules:
  - name: router
    type: http.router
  - name: web
    type: http.server
    config: { address: ":8080" }
`,
  },
  "unresolved-reference": {
    meaning: "In the config and the `dependsOn` of a module it is an error. " +
      "Within a list of `workflows` or `triggers` it is a warning, unless " +
      "the document is strict: what is tied to that name is left out.",
    document: `modules:
  - name: router
    type: http.router
  - name: hello
    type: http.handler
    dependsOn: [rooter]
`,
    line: 6,
    fix: "Write the name of a module of this document",
    fixed: `modules:
  - name: router
    type: http.router
  - name: hello
    type: http.handler
    dependsOn: [router]
`,
  },
  "wrong-service": {
    meaning: "A reference needs a module that can do a certain thing: answer " +
      "a request, carry messages. The page of each type says what it provides.",
    document: `modules:
  - name: server
    type: http.server
    config: { address: ":8080" }
  - name: router
    type: http.router
workflows:
  http:
    routes:
      - { method: GET, path: /hello, handler: server }
`,
    line: 10,
    fix: "Name a module that provides what is needed",
    fixed: `modules:
  - name: server
    type: http.server
    config: { address: ":8080" }
  - name: router
    type: http.router
  - name: hello
    type: http.handler
workflows:
  http:
    routes:
      - { method: GET, path: /hello, handler: hello }
`,
  },
  "missing-module": {
    meaning: "The name may be left out where one module fits; here none does.",
    document: `modules:
  - name: server
    type: http.server
    config: { address: ":8080" }
workflows:
  http:
    routes: []
`,
    line: 6,
    fix: "Add a module that provides what is needed",
    fixed: `modules:
  - name: server
    type: http.server
    config: { address: ":8080" }
  - name: router
    type: http.router
workflows:
  http:
    routes: []
`,
  },
  "ambiguous-reference": {
    meaning: "The first module of the file is taken. The plan marks the edge " +
      "as implied, so that it can be seen.",
    document: `modules:
  - name: orders-broker
    type: messaging.broker
  - name: users-broker
    type: messaging.broker
workflows:
  messaging:
    subscriptions: []
`,
    line: 7,
    fix: "Name the module that is meant",
    fixed: `modules:
  - name: orders-broker
    type: messaging.broker
  - name: users-broker
    type: messaging.broker
workflows:
  messaging:
    broker: orders-broker
    subscriptions: []
`,
  },
  "dependency-cycle": {
    meaning: "Modules start one after the other, so there must be a first. " +
      "Only `dependsOn` and required references of a config count; what " +
      "stands in `workflows` and `triggers` orders nothing.",
    document: `modules:
  - name: router
    type: http.router
    dependsOn: [hello]
  - name: hello
    type: http.handler
    dependsOn: [router]
`,
    line: 7,
    fix: "Remove one of the dependencies",
    fixed: `modules:
  - name: router
    type: http.router
  - name: hello
    type: http.handler
    dependsOn: [router]
`,
  },
  "unset-variable": {
    meaning: "It is a warning when a document is checked. When it starts, it " +
      "is an error where the value is required or secret.",
    document: `modules:
  - name: accounts
    type: auth.jwt
    config:
      secret: "\${SHOP_JWT_SECRET}"
`,
    line: 5,
    fix: "Set the variable, or give a default where that is safe",
    fixed: `modules:
  - name: accounts
    type: auth.jwt
    config:
      secret: "\${SHOP_JWT_SECRET:-only-for-trying-it-out-on-my-machine}"
`,
  },
  "invalid-expression": {
    meaning: "Expressions are CEL. They are parsed and checked when the " +
      "document loads, so that a guard cannot fail for its spelling.",
    document: `modules:
  - name: machines
    type: statemachine.engine
workflows:
  statemachine:
    definitions:
      - name: order
        initialState: new
        states: { new: {}, paid: { isFinal: true } }
        transitions:
          pay: { fromState: new, toState: paid, condition: "data.total >" }
`,
    line: 11,
    fix: "Complete the expression",
    fixed: `modules:
  - name: machines
    type: statemachine.engine
workflows:
  statemachine:
    definitions:
      - name: order
        initialState: new
        states: { new: {}, paid: { isFinal: true } }
        transitions:
          pay: { fromState: new, toState: paid, condition: "data.total > 0" }
`,
  },
  "duplicate-route": {
    meaning: "Two routes answer the same requests if neither is more " +
      "specific; the names of their segments make no difference.",
    document: `modules:
  - name: server
    type: http.server
    config: { address: ":8080" }
  - name: router
    type: http.router
  - name: orders
    type: http.handler
workflows:
  http:
    routes:
      - { method: GET, path: "/orders/{id}", handler: orders }
      - { method: GET, path: "/orders/{number}", handler: orders }
`,
    line: 13,
    fix: "Remove one of the routes, or change its method or its path",
    fixed: `modules:
  - name: server
    type: http.server
    config: { address: ":8080" }
  - name: router
    type: http.router
  - name: orders
    type: http.handler
workflows:
  http:
    routes:
      - { method: GET, path: "/orders/{id}", handler: orders }
      - { method: PUT, path: "/orders/{number}", handler: orders }
`,
  },
  "invalid-route": {
    meaning: "A path begins with a slash; a segment in braces stands for any " +
      "text. A method that is not among the common ones is a warning.",
    document: `modules:
  - name: server
    type: http.server
    config: { address: ":8080" }
  - name: router
    type: http.router
  - name: orders
    type: http.handler
workflows:
  http:
    routes:
      - { method: GET, path: "/orders/{id", handler: orders }
`,
    line: 12,
    fix: "Write the path with its braces closed",
    fixed: `modules:
  - name: server
    type: http.server
    config: { address: ":8080" }
  - name: router
    type: http.router
  - name: orders
    type: http.handler
workflows:
  http:
    routes:
      - { method: GET, path: "/orders/{id}", handler: orders }
`,
  },
  "invalid-machine": {
    meaning: "Every state that is named must be among the states, and a " +
      "machine must make sense: nothing leads on from a final state, no two " +
      "definitions share a name.",
    document: `modules:
  - name: machines
    type: statemachine.engine
workflows:
  statemachine:
    definitions:
      - name: order
        initialState: new
        states: { new: {}, paid: { isFinal: true } }
        transitions:
          pay: { fromState: new, toState: paid }
          cancel: { fromState: new, toState: cancelled }
`,
    line: 12,
    fix: "Add the state, or name one that the definition has",
    fixed: `modules:
  - name: machines
    type: statemachine.engine
workflows:
  statemachine:
    definitions:
      - name: order
        initialState: new
        states: { new: {}, paid: { isFinal: true }, cancelled: { isFinal: true } }
        transitions:
          pay: { fromState: new, toState: paid }
          cancel: { fromState: new, toState: cancelled }
`,
  },
  "invalid-pipeline": {
    meaning:
      "A step does exactly one thing: use, forEach, parallel, switch or " +
      "wait. What another kind of step has would be without effect. The limits " +
      "on steps and their nesting count as well.",
    document: `pipelines:
  greet:
    steps:
      - id: hello
        use: log
        with: { message: hello }
        as: guest
`,
    line: 7,
    fix: "Leave the key out, or make the step of the kind that has it",
    fixed: `pipelines:
  greet:
    steps:
      - id: hello
        use: log
        with: { message: hello }
`,
  },
  "unknown-step-type": {
    meaning: "A step uses a type of this build, an action of a module, a " +
      "component, or another pipeline.",
    document: `pipelines:
  greet:
    steps:
      - id: hello
        use: lgo
        with: { message: hello }
`,
    line: 5,
    fix:
      "Name a type of step, module:<name>.<action>, component:<name> or pipeline:<id>",
    fixed: `pipelines:
  greet:
    steps:
      - id: hello
        use: log
        with: { message: hello }
`,
  },
  "inert-type": {
    meaning:
      "Documents for an earlier engine name types that only illustrate something. " +
      "They are accepted and do nothing; with `strict: true` this is an error.",
    document: `modules:
  - name: settings
    type: core.config
  - name: router
    type: http.router
`,
    line: 3,
    fix: "Remove the module, and its name from `dependsOn` of others",
    fixed: `modules:
  - name: router
    type: http.router
`,
  },
  "unstable-type": {
    meaning: "The keys of an experimental type may change with any release. " +
      "The type of this example is made up.",
    document: `modules:
  - name: trial
    type: example.experimental
`,
    line: 3,
    fix: "Accept the warning, or use a stable type",
    fixed: `modules:
  - name: trial
    type: http.router
`,
    definition: experimental,
  },
};
