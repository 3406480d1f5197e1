/**
 * Middlewares and a handler as one function, put together once for each route.
 * Every link is guarded, so that a middleware sees the error answers of those
 * behind it and adds its headers to them as to any other.
 *
 * @module
 */
import type { HttpContext } from "@engine/services/http_handler.ts";
import type { Route } from "@engine/services/http_router.ts";

/** Answers a request. */
export type Run = (context: HttpContext) => Response | Promise<Response>;

/** Makes an answer of an error. */
export type Rescue = (error: unknown, context: HttpContext) => Response;

/** The whole chain. It never throws and never rejects. */
export function compose(
  handler: Run,
  { middlewares, onReached = () => {} }: Pick<
    Route,
    "middlewares" | "onReached"
  >,
  rescue: Rescue,
): Run {
  let run = guarded((context) => {
    onReached();
    return handler(context);
  }, rescue);
  for (const [index, middleware] of [...middlewares.entries()].toReversed()) {
    const inner = run;
    run = guarded(
      (context) => {
        onReached(index);
        return middleware.process(context, () => {
          const answer = inner(context);
          return answer instanceof Response ? Promise.resolve(answer) : answer;
        });
      },
      rescue,
    );
  }
  return run;
}

/** Stays synchronous where `run` is. */
function guarded(run: Run, rescue: Rescue): Run {
  return (context) => {
    try {
      const answer = run(context);
      if (answer instanceof Response) return answer;
      return settle(answer, rescue, context);
    } catch (error) {
      return rescue(error, context);
    }
  };
}

async function settle(
  promise: Promise<Response>,
  rescue: Rescue,
  context: HttpContext,
): Promise<Response> {
  try {
    const answer = await promise;
    if (answer instanceof Response) return answer;
    throw new TypeError("A handler or middleware gave no response");
  } catch (error) {
    return rescue(error, context);
  }
}
