/**
 * The end of the rail: light or dark, and the way out.
 *
 * @module
 */
import { at, signOut } from "./api.ts";
import { Icon } from "./icons.tsx";

/** A year, in seconds. */
const KEPT_S = 365 * 24 * 60 * 60;

export default function Account(_: Readonly<Record<string, never>>) {
  return (
    <>
      <button
        type="button"
        title="Light or dark"
        aria-label="Light or dark"
        onClick={switchTheme}
      >
        <Icon name="sun" size={18} />
      </button>
      <button
        type="button"
        title="Sign out"
        aria-label="Sign out"
        onClick={signOut}
      >
        <Icon name="leave" size={18} />
      </button>
    </>
  );
}

function switchTheme(): void {
  const { dataset } = document.documentElement;
  const present = dataset.theme ??
    (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
  const theme = present === "dark" ? "light" : "dark";
  dataset.theme = theme;
  document.cookie = `workflow_theme=${theme}; path=${
    at("/")
  }; max-age=${KEPT_S}; samesite=strict`;
}
