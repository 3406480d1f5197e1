/**
 * The pages behind the links of approvals: plain HTML that works without
 * JavaScript and loads nothing.
 *
 * @module
 */
import { html, raw } from "hono/html";
import { PAGE_STYLE } from "./page_style.ts";

/** What a person is asked. */
export interface Question {
  readonly run: string;
  readonly pipeline: string;
  readonly step: string;
  readonly title: string;
  /** What the run is about. */
  readonly key?: string;
  /** Milliseconds since 1970. */
  readonly askedAt: number;
  readonly until?: number;
}

/** What a person has decided. */
export interface Decided {
  readonly approved: boolean;
  readonly comment: string;
  readonly by: string;
}

/** The longest comment, in characters. */
export const COMMENT_CHARACTERS_MAX = 4_000;

/** The longest name of who decides, in characters. */
export const NAME_CHARACTERS_MAX = 200;

/** Asks for the decision. The form goes to the address of the page itself. */
export async function questionPage(question: Question): Promise<Response> {
  const { title, step } = question;
  const asked = title === "" ? `Decide about "${step}"` : title;
  return await page(
    200,
    asked,
    html`
      <span class="badge">Waits for your decision</span>
      <h1>${asked}</h1>
      ${facts(question)}
      <form method="post" accept-charset="utf-8">
        <label for="comment">Comment <span>(optional)</span></label>
        <textarea id="comment" name="comment" maxlength="${COMMENT_CHARACTERS_MAX}"></textarea>
        <label for="by">Your name <span>(optional)</span></label>
        <input id="by" name="by" autocomplete="name" maxlength="${NAME_CHARACTERS_MAX}">
        <div class="choices">
          <button class="approve" name="decision" value="approve">Approve</button>
          <button class="reject" name="decision" value="reject">Reject</button>
        </div>
      </form>
    `,
  );
}

/** Says what was decided: by the request itself, or before it (then 409). */
export async function decidedPage(
  status: 200 | 409,
  question: Question,
  { approved, comment, by }: Decided,
): Promise<Response> {
  const word = approved ? "Approved" : "Rejected";
  const said = status === 200
    ? "Your decision is written down. You can close this page."
    : "This has been decided already. The link is used.";
  return await page(
    status,
    word,
    html`
      <span class="badge ${approved ? "ok" : "fail"}">${word}</span>
      <h1>${question.title === "" ? question.step : question.title}</h1>
      <p>${said}</p>
      ${comment === "" ? "" : html`<p>“${comment}”</p>`}
      ${by === "" ? "" : html`<p>Decided by ${by}</p>`}
      ${facts(question)}
    `,
  );
}

/** Says why there is nothing to decide. */
export async function plainPage(
  status: number,
  title: string,
  text: string,
): Promise<Response> {
  return await page(
    status,
    title,
    html`
      <span class="badge fail">${String(status)}</span>
      <h1>${title}</h1>
      <p>${text}</p>
    `,
  );
}

function facts({ pipeline, key, run, until }: Question) {
  return html`
    <dl>
      <dt>Pipeline</dt><dd>${pipeline}</dd>
      ${key === undefined ? "" : html`
        <dt>About</dt>
        <dd>${key}</dd>
      `}
      <dt>Run</dt><dd class="id">${run}</dd>
      ${until === undefined ? "" : html`
        <dt>Until</dt>
        <dd>${new Date(until).toUTCString()}</dd>
      `}
    </dl>
  `;
}

async function page(
  status: number,
  title: string,
  body: ReturnType<typeof html>,
): Promise<Response> {
  const text = await html`
    <!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="robots" content="noindex">
        <title>${title}</title>
        <style>${raw(PAGE_STYLE)}</style>
      </head>
      <body>
        <main>${body}</main>
      </body>
    </html>
  `;
  return new Response(text.toString(), {
    status,
    headers: {
      "content-type": "text/html; charset=utf-8",
      "content-security-policy": await contentPolicy(),
      // The link is the grant: it must not travel on.
      "referrer-policy": "no-referrer",
    },
  });
}

let policy: string | undefined;

/** Nothing is loaded, nothing is run, and nobody may frame it. */
async function contentPolicy(): Promise<string> {
  if (policy !== undefined) return policy;
  const bytes = new TextEncoder().encode(PAGE_STYLE);
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  policy = `default-src 'none'; style-src 'sha256-${hash.toBase64()}'; ` +
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
  return policy;
}
