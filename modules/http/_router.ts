/**
 * A routing table that may change at any time: who has mounted what, and the
 * compiled form of it, made when the next request comes.
 *
 * @module
 */
import type { Host } from "@engine/define.ts";
import type { HttpContext } from "@engine/services/http_handler.ts";
import type {
  Follow,
  HttpRouter,
  Route,
} from "@engine/services/http_router.ts";
import {
  clashOf,
  isLiteral,
  nameOf,
  parsePattern,
  type RouteKey,
} from "@engine/services/route_pattern.ts";
import { compose, type Run } from "./_chain.ts";
import { locationOf } from "./_clean_path.ts";
import { failureResponse } from "./_failure.ts";
import { followed, type Follower } from "./_follow.ts";
import { Matcher } from "./_match.ts";
import { type Guarded, preflight } from "./_preflight.ts";
import { textAnswer } from "../_text_answer.ts";
import { problemResponse } from "../_problem.ts";

/** All that is mounted for the requests that one method and pattern describe. */
interface Slot {
  readonly key: RouteKey;
  explicit?: Entry;
  implied?: Entry;
  readonly followers: Set<Entry & Follower>;
}

interface Entry {
  readonly key: RouteKey;
  readonly route: Route;
  /** Counts up, so that `routes` keeps the order of mounting. */
  readonly order: number;
}

/** What a request finds in the compiled table. */
interface Target extends Guarded {
  readonly run: Run;
  /** The document does not state it. */
  readonly isImplied: boolean;
}

/** See `HttpRouter`. */
export class Router implements HttpRouter {
  readonly #log: Host["log"];
  readonly #tracing: Host["tracing"];
  readonly #slots = new Map<string, Slot>();
  #order = 0;
  #compiled: Matcher<Target> | undefined;

  constructor({ log, tracing }: Pick<Host, "log" | "tracing">) {
    this.#log = log;
    this.#tracing = tracing;
  }

  mount(routes: readonly Route[]): () => void {
    const undo: (() => void)[] = [];
    try {
      for (const route of routes) undo.push(this.#mountOne(route));
    } catch (error) {
      undo.forEach((takeBack) => takeBack());
      throw error;
    }
    return () => undo.splice(0).forEach((takeBack) => takeBack());
  }

  follow(method: string, pattern: string, follow: Follow): () => void {
    const key = keyOf(method, pattern);
    const slot = this.#slotFor(key);
    const handle = followed(key, undefined, [{ key, follow }]);
    const route = { method, pattern, handler: { handle }, middlewares: [] };
    const follower = { key, follow, route, order: this.#order++ };
    slot.followers.add(follower);
    this.#compiled = undefined;
    return () => {
      slot.followers.delete(follower);
      this.#tidy(slot);
    };
  }

  routes(): readonly Route[] {
    return [...this.#slots.values()].map(inForce)
      .toSorted((a, b) => a.order - b.order)
      .map(({ route }) => route);
  }

  handle(context: HttpContext): Response | Promise<Response> {
    // Many take it for a slash: who guards a prefix must not be walked around.
    if (context.path.includes("\\")) {
      return problemResponse(
        400,
        'The path has a backslash: write it as "%5C"',
      );
    }
    const matcher = this.#compiled ??= this.#compile();
    const match = matcher.match(context.method, context.path);
    if (match === undefined) return this.#answerMiss(matcher, context);
    if (match.value.isImplied && context.method === "OPTIONS") {
      const answer = this.#preflight(matcher, context);
      if (answer !== undefined) return answer;
    }
    context.params = match.params;
    context.route = match.value.pattern;
    return match.value.run(context);
  }

  #mountOne(route: Route): () => void {
    const key = keyOf(route.method, route.pattern);
    const slot = this.#slotFor(key);
    const place = route.implied ? "implied" : "explicit";
    const taken = slot[place];
    if (taken !== undefined) {
      throw clash(
        key,
        `it answers the same requests as "${nameOf(taken.key)}"`,
      );
    }
    slot[place] = { key, route, order: this.#order++ };
    this.#compiled = undefined;
    return () => {
      delete slot[place];
      this.#tidy(slot);
    };
  }

  /** The slot of a key; a new one if nothing mounted so far stands against it. */
  #slotFor(key: RouteKey): Slot {
    const id = idOf(key);
    const known = this.#slots.get(id);
    if (known !== undefined) return known;
    for (const { key: other } of this.#slots.values()) {
      // A text and another pattern of its method: one of them is more specific.
      if (isLiteral(key.pattern) && other.method === key.method) continue;
      const reason = clashOf(key, other);
      if (reason !== undefined) throw clash(key, reason);
    }
    const slot: Slot = { key, followers: new Set() };
    this.#slots.set(id, slot);
    return slot;
  }

  #tidy(slot: Slot): void {
    this.#compiled = undefined;
    const isUsed = slot.explicit ?? slot.implied ?? slot.followers.size > 0;
    const id = idOf(slot.key);
    if (!isUsed && this.#slots.get(id) === slot) this.#slots.delete(id);
  }

  #compile(): Matcher<Target> {
    const rescue = (error: unknown, context: HttpContext) =>
      failureResponse(error, context, this.#log);
    return new Matcher([...this.#slots.values()].map((slot) => {
      const { key, route } = inForce(slot);
      const { middlewares } = route;
      const handling = this.#traced(route);
      const run = slot.followers.size === 0
        ? handling
        : followed(key, slot.explicit && { handle: handling }, [
          ...slot.followers,
        ]);
      const target = {
        pattern: key.pattern.canonical,
        middlewares,
        run: compose(run, { middlewares, ...reached(route) }, rescue),
        isImplied: route.implied ?? false,
      };
      return { key, value: target };
    }));
  }

  /** The handler; as a part of the trace, where it is a module. */
  #traced({ handler, module }: Route): Run {
    const tracing = this.#tracing;
    const handle = (context: HttpContext) => handler.handle(context);
    if (module === undefined) return handle;
    const start = {
      name: `workflow.handler.${module}`,
      attributes: { "workflow.module": module },
    };
    return (context) =>
      tracing.active
        ? tracing.span(start, () => handle(context))
        : handle(context);
  }

  #answerMiss(matcher: Matcher<Target>, context: HttpContext): Response {
    const { method, path } = context;
    if (method === "OPTIONS") {
      const answer = this.#preflight(matcher, context);
      if (answer !== undefined) return answer;
    }
    const miss = matcher.miss(method, path);
    switch (miss.kind) {
      case "redirect": {
        const isRead = method === "GET" || method === "HEAD";
        const location = locationOf(miss.path, context.request.url);
        return new Response(null, {
          status: isRead ? 301 : 308,
          headers: { location },
        });
      }
      case "malformed":
        return problemResponse(400, "The path is badly percent-encoded");
      case "method":
        return textAnswer(405, "Method Not Allowed", {
          allow: miss.allowed.join(", "),
        });
      case "nothing":
        return textAnswer(404, "404 page not found");
    }
  }

  #preflight(
    matcher: Matcher<Target>,
    context: HttpContext,
  ): Response | undefined {
    try {
      return preflight(context, matcher.at(context.path));
    } catch (error) {
      return failureResponse(error, context, this.#log);
    }
  }
}

/** What answers: what the document states goes before what the engine adds. */
function inForce({ explicit, implied, followers }: Slot): Entry {
  const entry = explicit ?? followers.values().next().value ?? implied;
  if (entry === undefined) throw new TypeError("A slot of a router is empty");
  return entry;
}

const METHOD = /^[A-Z][A-Z0-9_-]*$/;

function keyOf(method: string, pattern: string): RouteKey {
  if (!METHOD.test(method)) {
    throw new RangeError(
      `Cannot mount "${method} ${pattern}": "${method}" is no HTTP method in capitals`,
    );
  }
  return { method, pattern: parsePattern(pattern) };
}

function idOf({ method, pattern }: RouteKey): string {
  return `${method} ${pattern.shape}`;
}

function clash(key: RouteKey, reason: string): RangeError {
  return new RangeError(`Cannot mount "${nameOf(key)}": ${reason}`);
}

function reached(
  { onReached }: Route,
): Pick<Route, "onReached"> {
  return onReached === undefined ? {} : { onReached };
}
