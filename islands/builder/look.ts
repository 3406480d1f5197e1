/**
 * How a type of module looks: the hue of its category, and an icon.
 *
 * @module
 */
import { categoryOf, longest } from "../../engine/derive/category.ts";
import type { IconName } from "../icons.tsx";

/** A category of types, as the palette lists it. */
export interface Look {
  readonly title: string;
  /** The token of its hue. */
  readonly hue: string;
  readonly icon: IconName;
}

/** How the types of a category look. */
const LOOKS: Readonly<Record<string, Omit<Look, "title">>> = {
  HTTP: { hue: "http", icon: "http" },
  Middleware: { hue: "auth", icon: "shield" },
  API: { hue: "data", icon: "database" },
  "Sign-in": { hue: "auth", icon: "shield" },
  Messaging: { hue: "messaging", icon: "message" },
  State: { hue: "state", icon: "state" },
  Components: { hue: "code", icon: "code" },
  Time: { hue: "time", icon: "clock" },
  Storage: { hue: "storage", icon: "database" },
  Data: { hue: "data", icon: "list" },
  Watching: { hue: "observe", icon: "chart" },
};

const OTHER: Omit<Look, "title"> = { hue: "storage", icon: "box" };

/** Icons of types that do something else than the rest of their category. */
const ICONS: Readonly<Record<string, IconName>> = {
  "http.router": "route",
  "chimux": "route",
  "static": "box",
  "conditional": "route",
  "processing": "play",
  "storage": "box",
  "cache": "box",
  "data.cache": "box",
  "health": "heart",
};

/** The look of a type. */
export function lookOf(type: string): Look {
  const title = categoryOf(type);
  const look = LOOKS[title] ?? OTHER;
  return { title, hue: look.hue, icon: longest(ICONS, type) ?? look.icon };
}
