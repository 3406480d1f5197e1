/**
 * How pages look that the server renders itself: the design tokens that they
 * need, light and dark, and a sheet of paper in the middle.
 *
 * @module
 */

const TOKENS = `
:root {
  color-scheme: light dark;
  --font: ui-sans-serif, system-ui, -apple-system, "Segoe UI", Roboto, sans-serif;
  --mono: ui-monospace, "SF Mono", "JetBrains Mono", Menlo, Consolas, monospace;
  --text-s: 12px; --text-m: 13px; --text-l: 15px; --text-xl: 20px;
  --space-1: 4px; --space-2: 8px; --space-3: 12px; --space-4: 16px; --space-5: 24px; --space-6: 32px;
  --radius-s: 6px; --radius-l: 14px; --fast: 120ms;
  --canvas: #f5f6f8; --surface: #ffffff; --line: #e1e4ea; --field-line: #868d9c;
  --ink: #151922; --ink-2: #4a5263; --ink-3: #5d6577;
  --accent: #2f4df0; --accent-ink: #ffffff; --accent-soft: #e9edff;
  --ok: #13795b; --ok-soft: #dff5ea; --wait: #8a5a00; --wait-soft: #fdf0d2;
  --fail: #b3261e; --fail-soft: #fde6e4;
  --shadow: 0 8px 24px rgb(16 24 40 / 12%);
}
@media (prefers-color-scheme: dark) {
  :root {
    --canvas: #0e1116; --surface: #151a21; --line: #262d38; --field-line: #667188;
    --ink: #edf0f5; --ink-2: #b4bccb; --ink-3: #98a2b5;
    --accent: #7f95ff; --accent-ink: #0b1020; --accent-soft: #1f2950;
    --ok: #5fd3a5; --ok-soft: #12352a; --wait: #f0c36a; --wait-soft: #3a2d10;
    --fail: #ff8f87; --fail-soft: #45191a;
    --shadow: 0 12px 32px rgb(0 0 0 / 50%);
  }
}`;

/** The style sheet, as it stands in a page. */
export const PAGE_STYLE = `${TOKENS}
* { box-sizing: border-box; }
body {
  margin: 0; min-height: 100vh; display: grid; place-items: center;
  padding: var(--space-4); background: var(--canvas); color: var(--ink);
  font: var(--text-l)/1.5 var(--font);
}
main {
  width: 100%; max-width: 520px; padding: var(--space-6);
  background: var(--surface); border: 1px solid var(--line);
  border-radius: var(--radius-l); box-shadow: var(--shadow);
}
.badge {
  display: inline-block; padding: var(--space-1) var(--space-3);
  border-radius: 999px; font-size: var(--text-s); font-weight: 600;
  background: var(--wait-soft); color: var(--wait);
}
.badge.ok { background: var(--ok-soft); color: var(--ok); }
.badge.fail { background: var(--fail-soft); color: var(--fail); }
h1 {
  margin: var(--space-3) 0 var(--space-4); font-size: var(--text-xl);
  line-height: 1.3; overflow-wrap: anywhere;
}
p { margin: 0 0 var(--space-4); color: var(--ink-2); overflow-wrap: anywhere; }
dl {
  display: grid; grid-template-columns: auto 1fr;
  gap: var(--space-1) var(--space-4); margin: 0 0 var(--space-5);
  font-size: var(--text-m);
}
dt { color: var(--ink-3); }
dd { margin: 0; overflow-wrap: anywhere; }
dd.id { font-family: var(--mono); font-size: var(--text-s); }
label {
  display: block; margin-bottom: var(--space-1); font-size: var(--text-m);
  font-weight: 600;
}
label span { color: var(--ink-3); font-weight: 400; }
input, textarea {
  width: 100%; margin-bottom: var(--space-4);
  padding: var(--space-2) var(--space-3); font: inherit; color: inherit;
  background: transparent; border: 1px solid var(--field-line);
  border-radius: var(--radius-s);
}
textarea { min-height: 96px; resize: vertical; }
.choices { display: grid; grid-template-columns: 1fr 1fr; gap: var(--space-3); }
button {
  min-height: 44px; padding: var(--space-2) var(--space-4); font: inherit;
  font-weight: 600; border: 1px solid transparent;
  border-radius: var(--radius-s); cursor: pointer;
  transition: filter var(--fast);
}
button:hover { filter: brightness(1.08); }
button.approve { background: var(--accent); color: var(--accent-ink); }
button.reject {
  background: transparent; color: var(--fail); border-color: var(--fail);
}
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
@media (max-width: 420px) {
  main { padding: var(--space-5) var(--space-4); }
  .choices { grid-template-columns: 1fr; }
}
@media (prefers-reduced-motion: reduce) { button { transition: none; } }
`;
