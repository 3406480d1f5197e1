/**
 * What every page of the interface has: the head, the rail with the areas, and
 * the place of its island.
 *
 * @module
 */
import type { ComponentChildren, JSX } from "preact";
import { renderToString } from "preact-render-to-string";
import { Icon, type IconName } from "../../islands/icons.tsx";
import type { IslandName, IslandProps } from "../../islands/islands.ts";
import { islands } from "../assets.ts";

/** Where a page is, and for whom. */
export interface PageContext {
  /** What stands before every path, such as `/_`. */
  readonly basePath: string;
  /** What the page sends with changes; absent where nobody is signed in. */
  readonly csrf?: string;
  readonly theme: Theme | undefined;
  /** The path of the page, without `basePath`. */
  readonly path: string;
}

/** What somebody chose over what the system says. */
export type Theme = "light" | "dark";

interface Area {
  readonly path: string;
  readonly name: string;
  readonly icon: IconName;
}

const AREAS: readonly Area[] = [
  { path: "/", name: "Builder", icon: "state" },
  { path: "/runs", name: "Runs", icon: "play" },
  { path: "/instances", name: "Instances", icon: "stage" },
  { path: "/components", name: "Components", icon: "code" },
  { path: "/dead-letters", name: "Dead letters", icon: "message" },
  { path: "/schedules", name: "Schedules", icon: "clock" },
  { path: "/health", name: "Health", icon: "chart" },
  { path: "/events", name: "Events", icon: "list" },
  { path: "/audit", name: "Audit log", icon: "shield" },
];

/** A page as an answer. */
export async function page(
  context: PageContext,
  { title, body, status = 200 }: {
    readonly title: string;
    readonly body: ComponentChildren;
    readonly status?: number;
  },
): Promise<Response> {
  const nonce = crypto.getRandomValues(new Uint8Array(16)).toBase64();
  const { script, style } = (await islands()).entries;
  const asset = (name: string) => `${context.basePath}/assets/${name}`;
  const html = renderToString(
    <html
      lang="en"
      data-theme={context.theme}
      data-base={context.basePath}
      data-csrf={context.csrf}
      data-nonce={nonce}
    >
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>{title}</title>
        <link rel="icon" href="data:," />
        <link rel="stylesheet" href={asset(style)} />
        <script type="module" src={asset(script)}></script>
      </head>
      <body>{body}</body>
    </html>,
  );
  return new Response(`<!doctype html>${html}`, {
    status,
    headers: {
      "content-type": "text/html; charset=utf-8",
      "content-security-policy": policy(nonce),
      "referrer-policy": "no-referrer",
      "x-frame-options": "DENY",
    },
  });
}

/** Nothing from elsewhere; styles that a script writes need the nonce. */
function policy(nonce: string): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' data:",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join("; ");
}

/** The rail, and an area beside it. */
export function Frame(
  { context, children }: {
    readonly context: PageContext;
    readonly children: ComponentChildren;
  },
): JSX.Element {
  const { basePath } = context;
  return (
    <div class="frame">
      <a class="skip" href="#area">To the content</a>
      <nav class="rail" aria-label="Areas">
        {AREAS.map(({ path, name, icon }) => (
          <a
            href={`${basePath}${path}`}
            title={name}
            aria-label={name}
            aria-current={isArea(path, context.path) ? "page" : undefined}
          >
            <Icon name={icon} size={18} />
          </a>
        ))}
        <span class="grow"></span>
        <Island name="account" props={{}} />
      </nav>
      <main id="area" class="area" tabindex={-1}>{children}</main>
    </div>
  );
}

function isArea(area: string, path: string): boolean {
  return area === "/"
    ? path === "/" || path.startsWith("/d/")
    : path === area || path.startsWith(`${area}/`);
}

/** Where an island comes to life. What stands in it until then may be drawn here. */
export function Island<N extends IslandName>(
  { name, props, children }: {
    readonly name: N;
    readonly props: IslandProps<N>;
    readonly children?: ComponentChildren;
  },
): JSX.Element {
  return (
    <div
      class={`island island-${name}`}
      data-island={name}
      data-props={JSON.stringify(props)}
    >
      {children}
    </div>
  );
}
