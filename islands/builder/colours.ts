/**
 * The values of tokens, for what is drawn and not styled.
 *
 * @module
 */

let theme = "";
const known = new Map<string, string>();
let probe: HTMLElement | undefined;

/** What a token is in the present theme: a colour, or a family of fonts. */
export function colour(token: string): string {
  const present = themeNow();
  if (present !== theme) {
    theme = present;
    known.clear();
  }
  const value = known.get(token) ?? resolved(token);
  known.set(token, value);
  return value;
}

function themeNow(): string {
  const isDark = matchMedia("(prefers-color-scheme: dark)").matches;
  return `${document.documentElement.dataset.theme} ${isDark}`;
}

/** A token may hold both themes: an element says which one counts. */
function resolved(token: string): string {
  if (probe === undefined) {
    probe = document.createElement("span");
    probe.hidden = true;
    document.body.append(probe);
  }
  if (token === "font") return getComputedStyle(document.body).fontFamily;
  probe.style.color = `var(--${token})`;
  return getComputedStyle(probe).color;
}
