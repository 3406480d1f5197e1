/**
 * The pages of the interface, and the way in and out of it.
 *
 * @module
 */
import { type Context, Hono } from "hono";
import { getCookie } from "hono/cookie";
import type { ComponentChildren } from "preact";
import type { IslandName } from "../../islands/islands.ts";
import { csrfOf, type Sessions } from "../../platform/sessions.ts";
import type { Gate } from "../gate.ts";
import type { ManagementOptions } from "../management.ts";
import { problem } from "../problem_answer.ts";
import { Frame, Island, page, type PageContext, type Theme } from "./page.tsx";
import { signInPage } from "./sign_in_page.tsx";

/** The cookie of a theme that somebody chose. Scripts may write it. */
const THEME_COOKIE = "workflow_theme";

/** What pages stand on. */
export interface PageOptions extends ManagementOptions {
  readonly gate: Gate;
  readonly sessions: Sessions;
}

/** What a signed-in page shows. */
interface Shown {
  readonly title: string;
  readonly body: ComponentChildren;
}

/** Mounted at the root. */
export function pageRoutes(options: PageOptions): Hono {
  const app = new Hono();
  const { gate, engine, documents, basePath = "" } = options;

  /** A page for those who are signed in; others go to `/sign-in` first. */
  const signedIn =
    (show: (context: Context) => Shown | Promise<Shown>) =>
    async (context: Context) => {
      const place = placeOf(context, basePath);
      const cookie = await gate.session(context);
      if (cookie === undefined) {
        const to = encodeURIComponent(withQuery(context, place.path));
        return context.redirect(`${basePath}/sign-in?to=${to}`);
      }
      const { title, body } = await show(context);
      const shown = { ...place, csrf: csrfOf(cookie) };
      return await page(shown, {
        title: `${title} · Workflow`,
        body: <Frame context={shown}>{body}</Frame>,
      });
    };

  app.get(
    "/",
    signedIn(async () => {
      const [running] = engine.applications;
      const [first] = running ? [running] : await documents.list();
      return builder(first?.id ?? "");
    }),
  );
  app.get("/runs", signedIn(() => runs()));
  app.get("/runs/:id", signedIn(({ req }) => run(req.param("id") ?? "")));
  app.get("/instances", signedIn(() => area("Instances", "instances")));
  app.get(
    "/instances/:application/:machine/:id",
    signedIn(({ req }) => instance(req)),
  );
  app.get("/components", signedIn(() => area("Components", "components")));
  app.get("/components/:id", signedIn(({ req }) => component(req)));
  app.get("/dead-letters", signedIn(() => area("Dead letters", "deadLetters")));
  app.get("/schedules", signedIn(() => area("Schedules", "schedules")));
  app.get("/health", signedIn(() => area("Health", "health")));
  app.get("/events", signedIn(() => area("Events", "events")));
  app.get("/audit", signedIn(() => area("Audit log", "audit")));
  app.get("/d/:id", signedIn(({ req }) => builder(req.param("id") ?? "")));
  addSignIn(app, options);
  return app;
}

function builder(id: string): Shown {
  return {
    title: id || "Documents",
    body: (
      <Island name="builder" props={{ document: id }}>
        <Opening id={id} />
      </Island>
    ),
  };
}

/** The frame of the builder, until the script that fills it is there. */
function Opening({ id }: { readonly id: string }) {
  return (
    <div class="builder opening" aria-busy="true">
      <h1 class="hidden">{id}</h1>
      <div class="top">
        <strong>{id}</strong>
      </div>
      <div class="palette">
        <div class="skeleton"></div>
      </div>
      <div class="canvas">
        <div class="state" role="status">
          <p>Opening {id}</p>
        </div>
      </div>
      <div class="inspector"></div>
      <div class="dock"></div>
    </div>
  );
}

function runs(): Shown {
  return { title: "Runs", body: <Island name="runs" props={{}} /> };
}

function run(id: string): Shown {
  return { title: `Run ${id}`, body: <Island name="run" props={{ id }} /> };
}

/** An area that needs to be told nothing. */
function area(
  title: string,
  name: Exclude<IslandName, "builder" | "component" | "instance" | "run">,
): Shown {
  return {
    title,
    body: (
      <Island name={name} props={{}}>
        <div class="page">
          <header>
            <h1>{title}</h1>
          </header>
          <div class="skeleton" aria-hidden="true"></div>
        </div>
      </Island>
    ),
  };
}

function component(req: Context["req"]): Shown {
  const id = req.param("id") ?? "";
  const application = req.query("application") ?? "";
  return {
    title: id,
    body: (
      <Island name="component" props={{ id, application }}>
        <div class="page">
          <header>
            <h1>{id}</h1>
          </header>
          <div class="skeleton" aria-hidden="true"></div>
        </div>
      </Island>
    ),
  };
}

function instance(req: Context["req"]): Shown {
  const application = req.param("application") ?? "";
  const machine = req.param("machine") ?? "";
  const id = req.param("id") ?? "";
  return {
    title: id,
    body: (
      <Island name="instance" props={{ application, machine, id }}>
        <div class="page">
          <header>
            <h1>{id}</h1>
          </header>
          <div class="skeleton" aria-hidden="true"></div>
        </div>
      </Island>
    ),
  };
}

function addSignIn(
  app: Hono,
  { gate, sessions, basePath = "" }: PageOptions,
): void {
  app.get("/sign-in", (context) => {
    const { code, to } = context.req.query();
    const place = placeOf(context, basePath);
    return signInPage(place, { code, to: innerPath(to) });
  });
  app.post("/sign-in", async (context) => {
    const form = await context.req.parseBody();
    const [token, code] = [String(form.token ?? ""), String(form.code ?? "")];
    const to = innerPath(String(form.to ?? ""));
    const isIn = code === ""
      ? gate.isToken(token)
      : await sessions.redeem(code);
    if (!isIn) {
      return await signInPage(placeOf(context, basePath), {
        to,
        problem: code === ""
          ? "This is not the token: wfctl token shows it"
          : "This link was used already, or is older than an hour: sign in with the token",
      });
    }
    await gate.open(context);
    return context.redirect(`${basePath}${to}`, 303);
  });
  app.post("/sign-out", async (context) => {
    if (await gate.caller(context) === undefined) {
      return problem(401, "unauthorized", "Nobody is signed in");
    }
    await gate.close(context);
    return context.body(null, 204);
  });
}

function placeOf(context: Context, basePath: string): PageContext {
  const theme = getCookie(context, THEME_COOKIE);
  return {
    basePath,
    path: context.req.path,
    theme: theme === "light" || theme === "dark"
      ? theme satisfies Theme
      : undefined,
  };
}

function withQuery(context: Context, path: string): string {
  return path + new URL(context.req.url).search;
}

/** A path of this surface, never an address elsewhere. */
function innerPath(to = ""): string {
  return /^\/(?![/\\])/.test(to) ? to : "/";
}
