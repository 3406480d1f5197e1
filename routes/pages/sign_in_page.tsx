/**
 * The page where a browser signs in: plain HTML that works without a script.
 *
 * @module
 */
import { page, type PageContext } from "./page.tsx";

/** What the page is to say. */
export interface SignInOptions {
  /** The code of a link, which lets in without the token. */
  readonly code?: string | undefined;
  /** Why the last attempt failed. */
  readonly problem?: string | undefined;
  /** Where to go then: a path of this surface. */
  readonly to: string;
}

/** Asks for the token, or to confirm a link. */
export function signInPage(
  context: PageContext,
  { code, problem, to }: SignInOptions,
): Promise<Response> {
  const body = (
    <main class="sheet">
      <h1>Sign in</h1>
      {problem !== undefined && (
        <p class="notice fail" role="alert" id="problem">{problem}</p>
      )}
      <form method="post" action={`${context.basePath}/sign-in`}>
        <input type="hidden" name="to" value={to} />
        {code === undefined
          ? (
            <label>
              Management token
              <em>
                <code>wfctl token</code>{" "}
                shows it, and the engine printed it when it first started.
              </em>
              <input
                class="field mono"
                type="password"
                name="token"
                required
                autofocus
                autocomplete="current-password"
                aria-describedby={problem === undefined ? undefined : "problem"}
              />
            </label>
          )
          : (
            <>
              <p>This link lets one browser in, once.</p>
              <input type="hidden" name="code" value={code} />
            </>
          )}
        <button class="button primary" type="submit" autofocus={!!code}>
          Sign in
        </button>
      </form>
    </main>
  );
  const status = problem === undefined ? 200 : 401;
  return page(context, { title: "Sign in", body, status });
}
