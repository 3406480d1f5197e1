/**
 * Icons: one stroke weight, 16 pixels, drawn inline. They mean nothing to those
 * who do not see them: the control around one has a name.
 *
 * @module
 */
import type { JSX } from "preact";

/** The strokes of each icon, on a square of 16. */
const STROKES = {
  http: "M2 5h12M2 11h12M5 2v12M11 2v12",
  route: "M3 13V9a3 3 0 0 1 3-3h7m0 0-3-3m3 3-3 3",
  shield: "M8 1.8 13 4v4c0 3.2-2.1 5.3-5 6.2C5.1 13.3 3 11.2 3 8V4z",
  state:
    "M6.2 8a2.2 2.2 0 1 1-4.4 0 2.2 2.2 0 0 1 4.4 0ZM14 4a2 2 0 1 1-4 0 2 2 0 0 1 4 0Zm0 8a2 2 0 1 1-4 0 2 2 0 0 1 4 0ZM6 7l4-2.3M6 9l4 2.3",
  message: "M2.5 4.5h11v7h-11zM2.5 5 8 9l5.5-4",
  code: "M5.5 4.5 2 8l3.5 3.5M10.5 4.5 14 8l-3.5 3.5",
  clock: "M13.6 8A5.6 5.6 0 1 1 2.4 8a5.6 5.6 0 0 1 11.2 0ZM8 5v3.2l2 1.3",
  database:
    "M13 4c0 1.1-2.2 2-5 2S3 5.1 3 4s2.2-2 5-2 5 .9 5 2ZM3 4v8c0 1.1 2.2 2 5 2s5-.9 5-2V4M3 8c0 1.1 2.2 2 5 2s5-.9 5-2",
  chart: "M2.5 13.5h11M4.5 11V8M8 11V4M11.5 11V6.5",
  lock: "M3.5 7h9v6.5h-9zM5.5 7V5a2.5 2.5 0 0 1 5 0v2",
  play: "M5 3.5v9l7.5-4.5z",
  pause: "M5.5 3.5v9M10.5 3.5v9",
  search: "M11.5 7a4.5 4.5 0 1 1-9 0 4.5 4.5 0 0 1 9 0ZM10.5 10.5l3 3",
  plus: "M8 3v10M3 8h10",
  minus: "M3 8h10",
  close: "M4 4l8 8M12 4l-8 8",
  undo: "M6 4 3 7l3 3M3 7h6.5a3.5 3.5 0 0 1 0 7H7",
  redo: "M10 4l3 3-3 3M13 7H6.5a3.5 3.5 0 0 0 0 7H9",
  warning: "M8 2.5 14 13H2zM8 6.5v3M8 11.2v.3",
  check: "M3 8.5 6.5 12 13 4.5",
  list: "M5.5 4h8M5.5 8h8M5.5 12h8M2.5 4h.3M2.5 8h.3M2.5 12h.3",
  box: "M8 2l5.5 3v6L8 14l-5.5-3V5zM2.5 5 8 8l5.5-3M8 8v6",
  heart: "M8 13.2 3 8.4a3 3 0 0 1 4.3-4.3l.7.8.7-.8A3 3 0 0 1 13 8.4z",
  down: "M4 6l4 4 4-4",
  right: "M6 4l4 4-4 4",
  fit: "M2.5 6V2.5H6M10 2.5h3.5V6M13.5 10v3.5H10M6 13.5H2.5V10",
  tidy: "M2.5 3h4v4h-4zM9.5 9h4v4h-4zM6.5 5h2a2 2 0 0 1 2 2v2",
  sun:
    "M8 5a3 3 0 1 1 0 6 3 3 0 0 1 0-6ZM8 1.5v1M8 13.5v1M1.5 8h1M13.5 8h1M3.4 3.4l.7.7M11.9 11.9l.7.7M12.600 3.400l-.7.7M4.100 11.900l-.7.7",
  leave: "M9.5 2.5h-6v11h6M7 8h7m0 0-2.500-2.500M14 8l-2.500 2.500",
  skull:
    "M8 2a5 5 0 0 0-5 5c0 2 1 3.200 2 4v2h6v-2c1-.8 2-2 2-4a5 5 0 0 0-5-5ZM6 7.500h.3M9.700 7.500h.3",
  stage:
    "M4.200 8H5.500M10.500 8H11.800M4.200 8a1.300 1.300 0 1 1-2.600 0 1.300 1.300 0 0 1 2.600 0ZM10.500 8a2.500 2.500 0 1 1-5 0 2.500 2.500 0 0 1 5 0ZM14.400 8a1.300 1.300 0 1 1-2.600 0 1.300 1.300 0 0 1 2.600 0Z",
  group:
    "M2.5 5V2.5H5M11 2.5h2.5V5M13.5 11v2.5H11M5 13.5H2.5V11M5.5 5.5h5v5h-5z",
  containers: "M2.5 2.8h11v4h-11zM2.5 9.2h11v4h-11zM5 4.8h.3M5 11.2h.3",
  star: "M8 2.2l1.8 3.7 4 .6-2.9 2.8.7 4L8 11.4l-3.6 1.9.7-4L2.2 6.5l4-.6z",
  dots: "M3.500 8h.3M8 8h.3M12.500 8h.3",
} as const;

/** The name of an icon. */
export type IconName = keyof typeof STROKES;

/** One icon, in the colour of the text around it. */
export function Icon(
  { name, size = 16 }: { readonly name: IconName; readonly size?: number },
): JSX.Element {
  return (
    <svg width={size} height={size} viewBox="0 0 16 16" aria-hidden="true">
      <path
        d={STROKES[name]}
        fill={name === "play" ? "currentColor" : "none"}
        stroke="currentColor"
        stroke-width="1.4"
        stroke-linecap="round"
        stroke-linejoin="round"
      />
    </svg>
  );
}
