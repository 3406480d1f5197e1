/**
 * One listening socket and what stands between it and a router. A request over
 * the socket and one that is handed in from the same process take one way.
 *
 * @module
 */
import type { Host, Lifecycle } from "@engine/define.ts";
import { LifecycleError, messageOf } from "@engine/errors.ts";
import { HttpContext } from "@engine/services/http_handler.ts";
import { HttpRouter } from "@engine/services/http_router.ts";
import type { HttpServer } from "@engine/services/http_server.ts";
import type { Span } from "@engine/tracing.ts";
import { type Address, urlOf } from "./_address.ts";
import { Admission, type Limits } from "./_admission.ts";
import type { BodyGuard } from "./_body_guard.ts";
import { EventStreams } from "./_event_streams.ts";
import { failureResponse } from "./_failure.ts";
import { problemResponse } from "../_problem.ts";
import { answered, requestSpan } from "./_request_span.ts";

/** How a server is set up. */
export interface ServerOptions extends Limits {
  readonly address: Address;
  /** The name of the router to use while none is attached. */
  readonly router: string | undefined;
  /** How long an answer may take to begin; absent: any time. */
  readonly writeTimeoutMs?: number;
  readonly drainTimeoutMs: number;
}

/** What is known of a request that somebody watches. */
interface Watched {
  readonly startMs: number | undefined;
  readonly span: Span | undefined;
}

type Listener = ReturnType<Host["effects"]["network"]["listen"]>;

/** See `HttpServer`. */
export class Server implements HttpServer, Lifecycle {
  readonly #options: ServerOptions;
  readonly #host: Host;
  readonly #admission: Admission;
  readonly #streams = new EventStreams();
  /** The last is in use; a reload may attach the next before it detaches one. */
  readonly #attached: { readonly router: HttpRouter }[] = [];
  #own: HttpRouter | undefined;
  #listener: Listener | undefined;

  constructor(options: ServerOptions, host: Host) {
    this.#options = options;
    this.#host = host;
    this.#admission = new Admission(options, host.effects.clock);
  }

  wire(): () => void {
    const { router } = this.#options;
    this.#own = router === undefined
      ? this.#host.all(HttpRouter)[0]?.service
      : this.#host.use<HttpRouter>(router);
    return () => this.#own = undefined;
  }

  attach(router: HttpRouter): () => void {
    const entry = { router };
    this.#attached.push(entry);
    return () => {
      const index = this.#attached.indexOf(entry);
      if (index >= 0) this.#attached.splice(index, 1);
    };
  }

  addresses(): readonly string[] {
    return this.#listener === undefined ? [] : [urlOf(this.#listener)];
  }

  open(): void {
    if (this.#router() === undefined) {
      throw this.#cannotOpen("the document has no http.router for it");
    }
    this.#streams.reopen();
    try {
      this.#listener = this.#host.effects.network.listen(
        this.#options.address,
        (request, remoteAddress) => this.#serve(request, remoteAddress),
      );
    } catch (error) {
      throw this.#cannotOpen(this.#whyNoSocket(error), error);
    }
    this.#host.log.info(`${this.#host.name} listens on ${this.addresses()[0]}`);
  }

  async close(): Promise<void> {
    const listener = this.#listener;
    if (listener === undefined) return;
    this.#listener = undefined;
    this.#streams.endAll();
    const { clock } = this.#host.effects;
    const { drainTimeoutMs } = this.#options;
    const { promise: late, resolve } = Promise.withResolvers<"late">();
    const cancel = clock.after(drainTimeoutMs, () => resolve("late"));
    const outcome = await Promise.race([listener.shutdown(), late])
      .finally(cancel);
    if (outcome !== "late") return;
    this.#host.log.warn(
      `${this.#host.name} stops with requests under way: they took longer than the drainTimeout of ${drainTimeoutMs} ms`,
    );
  }

  async handle(request: Request, remoteAddress = ""): Promise<Response> {
    const response = await this.#serve(request, remoteAddress);
    if (request.method !== "HEAD") return response;
    // The socket leaves the body of such an answer out by itself.
    await response.body?.cancel();
    return new Response(null, response);
  }

  #router(): HttpRouter | undefined {
    return this.#attached.at(-1)?.router ?? this.#own;
  }

  /** Never throws; synchronous if the whole chain is. */
  #serve(
    request: Request,
    remoteAddress: string,
  ): Response | Promise<Response> {
    const { tracing } = this.#host;
    return tracing.active
      ? tracing.span(
        requestSpan(request, remoteAddress),
        (span) => this.#answer(request, remoteAddress, span),
      )
      : this.#answer(request, remoteAddress);
  }

  #answer(
    request: Request,
    remoteAddress: string,
    span?: Span,
  ): Response | Promise<Response> {
    const startMs = this.#host.meter.active
      ? this.#host.effects.clock.elapsed()
      : undefined;
    const admitted = this.#admission.admit(request);
    if (admitted instanceof Response) {
      this.#tell(request.method, "", admitted.status, { startMs, span });
      return admitted;
    }
    const context = new HttpContext(admitted, remoteAddress);
    const guard = admitted === request
      ? undefined
      : this.#admission.guardOf(admitted);
    const answer = this.#inTime(this.#route(context), context);
    return answer instanceof Response
      ? this.#finish(context, answer, { guard, startMs, span })
      : answer.then(
        (response) => this.#finish(context, response, { guard, startMs, span }),
        (error) =>
          this.#finish(context, this.#failure(error, context), {
            guard,
            startMs,
            span,
          }),
      );
  }

  #route(context: HttpContext): Response | Promise<Response> {
    const router = this.#router();
    if (router === undefined) {
      return problemResponse(503, "The server has no router");
    }
    try {
      return router.handle(context);
    } catch (error) {
      return this.#failure(error, context);
    }
  }

  #failure(error: unknown, context: HttpContext): Response {
    return failureResponse(error, context, this.#host.log);
  }

  #inTime(
    answer: Response | Promise<Response>,
    context: HttpContext,
  ): Response | Promise<Response> {
    const { writeTimeoutMs } = this.#options;
    if (answer instanceof Response || writeTimeoutMs === undefined) {
      return answer;
    }
    const { promise, resolve, reject } = Promise.withResolvers<Response>();
    let isLate = false;
    const cancel = this.#host.effects.clock.after(writeTimeoutMs, () => {
      isLate = true;
      const detail = `There was no answer within ${writeTimeoutMs} ms`;
      const { method, path, route } = context;
      this.#host.log.warn(`${detail} to ${method} ${path}`, { route });
      resolve(problemResponse(503, detail));
    });
    answer.then((response) => {
      cancel();
      resolve(response);
      // Nobody reads an answer that comes too late; its source may end.
      if (isLate) response.body?.cancel().catch(() => {});
    }, (error) => {
      cancel();
      reject(error);
    });
    return promise;
  }

  #finish(
    context: HttpContext,
    response: Response,
    { guard, ...watched }: Watched & { readonly guard: BodyGuard | undefined },
  ): Response {
    guard?.release();
    // Whatever the handler made of a body that was cut off, the cause is known.
    const answer = guard?.violation === undefined
      ? this.#streams.track(response)
      : this.#failure(guard.violation, context);
    this.#tell(context.method, context.route, answer.status, watched);
    return answer;
  }

  #tell(
    stated: string,
    route: string,
    status: number,
    { startMs, span }: Watched,
  ): void {
    // Callers choose both freely, and each value would be kept for ever.
    const method = METHODS.has(stated) ? stated : "other";
    if (span !== undefined) answered(span, { method, route, status });
    if (startMs === undefined) return;
    const { meter, effects } = this.#host;
    const labels = { method, path: route === "" ? "unmatched" : route };
    meter.record("http_requests_total", {
      ...labels,
      status_code: String(status),
    });
    const seconds = (effects.clock.elapsed() - startMs) / 1_000;
    meter.record("http_request_duration_seconds", labels, seconds);
  }

  #cannotOpen(reason: string, cause?: unknown): LifecycleError {
    const { name } = this.#host;
    return new LifecycleError(
      name,
      `Cannot open http.server "${name}": ${reason}`,
      { cause },
    );
  }

  #whyNoSocket(error: unknown): string {
    const { hostname, port } = this.#options.address;
    if (error instanceof Deno.errors.AddrInUse) return `port ${port} is in use`;
    if (error instanceof Deno.errors.AddrNotAvailable) {
      return `this machine has no address ${hostname}`;
    }
    if (error instanceof Deno.errors.PermissionDenied) {
      return `the operating system does not grant port ${port}`;
    }
    return messageOf(error);
  }
}

const METHODS: ReadonlySet<string> = new Set([
  "GET",
  "HEAD",
  "POST",
  "PUT",
  "PATCH",
  "DELETE",
  "OPTIONS",
]);
