/**
 * Decisions that runs wait for, behind links that need no token: whoever has the
 * link may decide, once.
 *
 * @module
 */
import { type Context, Hono } from "hono";
import { z } from "zod";
import {
  type AcceptedEntry,
  type Application,
  approvalSignal,
  type Engine,
  type Entry,
  RefusedError,
  type RunView,
  stepIdOf,
  titleOf,
} from "../engine/mod.ts";
import { isToken } from "../platform/token.ts";
import {
  COMMENT_CHARACTERS_MAX,
  type Decided,
  decidedPage,
  NAME_CHARACTERS_MAX,
  plainPage,
  type Question,
  questionPage,
} from "./approval_page.ts";
import type { ManagementOptions } from "./management.ts";
import { problem } from "./problem_answer.ts";

/** Mounted at `/approvals`. Where JSON is accepted and HTML is not, it is JSON. */
export function approvalRoutes({ engine }: ManagementOptions): Hono {
  const app = new Hono();
  app.get("/:run/:step/:token", async (context) => {
    const found = await find(engine, context);
    if (found.kind === "open") {
      const { question } = found;
      return isJson(context)
        ? context.json({ state: "open", ...question })
        : await questionPage(question);
    }
    return await closed(context, found);
  });
  app.post("/:run/:step/:token", async (context) => {
    const found = await find(engine, context);
    if (found.kind !== "open") return await closed(context, found);
    const decided = await decisionOf(context);
    if (typeof decided === "string") {
      return await refuse(context, 400, "Not understood", decided);
    }
    try {
      await found.application.runs.decide({
        id: found.question.run,
        step: found.question.step,
        token: context.req.param("token"),
      }, { ...decided });
    } catch (error) {
      if (!(error instanceof RefusedError)) throw error;
      // Somebody else was faster.
      const now = await find(engine, context);
      // What the other has decided may still be on its way to the store.
      const kind = "over" as const;
      return await closed(context, now.kind === "open" ? { kind } : now);
    }
    return isJson(context)
      ? context.json({ state: "decided", ...found.question, ...decided })
      : await decidedPage(200, found.question, decided);
  });
  return app;
}

/** What a link leads to. */
type Found =
  | {
    readonly kind: "open";
    readonly application: Application;
    readonly question: Question;
  }
  | {
    readonly kind: "decided";
    readonly question: Question;
    readonly decided: Decided;
  }
  /** It was asked, and is not any more; nobody has decided. */
  | { readonly kind: "over" }
  /** The run has not come to it. */
  | { readonly kind: "early" }
  | { readonly kind: "unknown" };

async function find(engine: Engine, { req }: Context): Promise<Found> {
  const step = req.param("step") ?? "";
  for (const application of engine.applications) {
    const view = await application.runs.get(req.param("run") ?? "");
    const accepted = view?.entries[0];
    if (view === undefined || accepted?.kind !== "accepted") continue;
    const { token } = accepted;
    const given = req.param("token") ?? "";
    if (token === undefined || !isToken(given, token)) break;
    const isMeant = (entry: Waiting) =>
      entry.step === step || stepIdOf(entry.step) === step;
    const asked = view.entries.filter((entry) => isAsked(entry))
      .filter(isMeant);
    const place = { application, view, accepted, asked, step };
    return stateOf(place, (title) => engine.redacted(title));
  }
  // A run that does not exist and a link that is wrong must look the same.
  return { kind: "unknown" };
}

type Waiting = Extract<Entry, { kind: "step.waiting" }>;

function isAsked(entry: Entry): entry is Waiting {
  return entry.kind === "step.waiting" && entry.approval !== undefined;
}

/** How it is with what was asked: in a loop, one step may ask several times. */
function stateOf(
  { application, view, accepted, asked, step }: {
    readonly application: Application;
    readonly view: RunView;
    readonly accepted: AcceptedEntry;
    readonly asked: readonly Waiting[];
    readonly step: string;
  },
  redacted: (title: string) => string,
): Found {
  const { summary, run, entries } = view;
  const questionOf = (entry: Waiting): Question => ({
    run: summary.id,
    pipeline: accepted.pipeline,
    step: entry.step,
    title: redacted(titleOf(entry.approval ?? null)),
    askedAt: entry.at,
    ...accepted.key === undefined ? {} : { key: accepted.key },
    ...entry.until === undefined ? {} : { until: entry.until },
  });
  const open = asked.find((entry) =>
    run?.machine?.live.get(entry.step)?.kind === "waiting"
  );
  if (open !== undefined) {
    return { kind: "open", application, question: questionOf(open) };
  }
  const last = asked.at(-1);
  if (last === undefined) {
    const links = run?.machine?.program.approvals ?? [];
    return { kind: links.includes(stepIdOf(step)) ? "early" : "unknown" };
  }
  const signal = entries.find((entry) =>
    entry.kind === "signal" && entry.name === approvalSignal(last.step)
  );
  return signal?.kind === "signal"
    ? {
      kind: "decided",
      question: questionOf(last),
      decided: asDecided(signal.data),
    }
    : { kind: "over" };
}

/** A decision may have come as a signal of any form. */
function asDecided(data: unknown): Decided {
  const { approved, comment, by } = (data ?? {}) as {
    readonly [name in keyof Decided]?: unknown;
  };
  return {
    approved: approved === true,
    comment: typeof comment === "string" ? comment : "",
    by: typeof by === "string" ? by : "",
  };
}

async function closed(
  context: Context,
  found: Exclude<Found, { kind: "open" }>,
): Promise<Response> {
  switch (found.kind) {
    case "decided":
      if (!isJson(context)) {
        return await decidedPage(409, found.question, found.decided);
      }
      return problem(409, "wrong-state", "This has been decided already", {
        state: "decided",
        ...found.question,
        ...found.decided,
      });
    case "over":
      return await refuse(
        context,
        409,
        "Too late",
        "The run does not wait for this decision any more",
      );
    case "early":
      return await refuse(
        context,
        409,
        "Not yet",
        "The run has not come to this decision: try the link again later",
      );
    case "unknown":
      return await refuse(
        context,
        404,
        "Nothing to decide",
        "This link leads to no decision: it may be incomplete or too old",
      );
  }
}

const CODES = {
  400: "invalid-parameter",
  404: "not-found",
  409: "wrong-state",
};

function refuse(
  context: Context,
  status: keyof typeof CODES,
  title: string,
  detail: string,
): Promise<Response> | Response {
  return isJson(context)
    ? problem(status, CODES[status], detail)
    : plainPage(status, title, detail);
}

function isJson({ req }: Context): boolean {
  const accept = req.header("accept") ?? "";
  return accept.includes("json") && !accept.includes("text/html");
}

const JSON_DECISION = z.strictObject({
  approved: z.boolean(),
  comment: z.string().max(COMMENT_CHARACTERS_MAX).default(""),
  by: z.string().max(NAME_CHARACTERS_MAX).default(""),
});

const FORM_DECISION = z.object({
  decision: z.enum(["approve", "reject"]),
  comment: z.string().max(COMMENT_CHARACTERS_MAX).default(""),
  by: z.string().max(NAME_CHARACTERS_MAX).default(""),
});

/** What a request decides, or what is wrong with it. */
async function decisionOf({ req }: Context): Promise<Decided | string> {
  const isForm = !(req.header("content-type") ?? "").includes("json");
  let body: unknown;
  try {
    body = isForm ? await req.parseBody() : await req.json();
  } catch {
    return "The decision cannot be read";
  }
  if (!isForm) {
    const { data, error } = JSON_DECISION.safeParse(body);
    return data ?? `Send {"approved", "comment", "by"}: ${wrong(error)}`;
  }
  const { data, error } = FORM_DECISION.safeParse(body);
  if (data === undefined) return `Approve or reject: ${wrong(error)}`;
  const { decision, comment, by } = data;
  // Browsers send line ends of their own kind.
  const text = comment.replaceAll("\r\n", "\n").trim();
  return { approved: decision === "approve", comment: text, by: by.trim() };
}

function wrong(error: z.ZodError | undefined): string {
  const [issue] = error?.issues ?? [];
  const path = issue?.path.join(".") ?? "";
  return path === "" ? `${issue?.message}` : `"${path}": ${issue?.message}`;
}
