/**
 * The values of tokens, for what is drawn and not styled.
 *
 * @module
 */

const known = new Map<string, string>();
const listeners = new Set<() => void>();
let probe: HTMLElement | undefined;

/** What a token is in the present theme: a colour, or a family of fonts. */
export function colour(token: string): string {
  // The first that asks: what is known must be forgotten with the theme.
  probe ??= watchTheme();
  const value = known.get(token) ?? resolved(token, probe);
  known.set(token, value);
  return value;
}

/** Calls back after the theme has changed. @returns what ends it. */
export function onTheme(changed: () => void): () => void {
  listeners.add(changed);
  return () => void listeners.delete(changed);
}

/** @returns an element that has the colours of the page. */
function watchTheme(): HTMLElement {
  const change = () => {
    known.clear();
    for (const changed of listeners) changed();
  };
  new MutationObserver(change)
    .observe(document.documentElement, { attributeFilter: ["data-theme"] });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", change);
  const element = document.createElement("span");
  element.hidden = true;
  document.body.append(element);
  return element;
}

/** A token may hold both themes: an element says which one counts. */
function resolved(token: string, probe: HTMLElement): string {
  if (token === "font") return getComputedStyle(document.body).fontFamily;
  probe.style.color = `var(--${token})`;
  return getComputedStyle(probe).color;
}
