/**
 * How a type of module looks: the hue and the icon of its category.
 *
 * @module
 */
import type { IconName } from "../icons.tsx";

/** A category of types, as the palette lists it. */
export interface Look {
  readonly title: string;
  /** The token of its hue. */
  readonly hue: string;
  readonly icon: IconName;
}

/** By the first parts of a type; the longest that fits counts. */
const LOOKS: Readonly<Record<string, Look>> = {
  "http": { title: "HTTP", hue: "http", icon: "http" },
  "http.router": { title: "HTTP", hue: "http", icon: "route" },
  "http.middleware": { title: "Middleware", hue: "auth", icon: "shield" },
  "api": { title: "API", hue: "data", icon: "database" },
  "auth": { title: "Sign-in", hue: "auth", icon: "shield" },
  "messaging": { title: "Messaging", hue: "messaging", icon: "message" },
  "event": { title: "Messaging", hue: "messaging", icon: "message" },
  "notification": { title: "Messaging", hue: "messaging", icon: "message" },
  "webhook": { title: "Messaging", hue: "messaging", icon: "message" },
  "statemachine": { title: "State", hue: "state", icon: "state" },
  "state": { title: "State", hue: "state", icon: "state" },
  "conditional": { title: "State", hue: "state", icon: "route" },
  "processing": { title: "Components", hue: "code", icon: "play" },
  "dynamic": { title: "Components", hue: "code", icon: "code" },
  "scheduler": { title: "Time", hue: "time", icon: "clock" },
  "persistence": { title: "Storage", hue: "storage", icon: "database" },
  "database": { title: "Storage", hue: "storage", icon: "database" },
  "storage": { title: "Storage", hue: "storage", icon: "box" },
  "cache": { title: "Storage", hue: "storage", icon: "box" },
  "static": { title: "HTTP", hue: "http", icon: "box" },
  "data": { title: "Data", hue: "data", icon: "list" },
  "metrics": { title: "Watching", hue: "observe", icon: "chart" },
  "health": { title: "Watching", hue: "observe", icon: "heart" },
  "observability": { title: "Watching", hue: "observe", icon: "chart" },
};

const OTHER: Look = { title: "Other", hue: "storage", icon: "box" };

/** The look of a type. */
export function lookOf(type: string): Look {
  const parts = type.split(".");
  for (let length = parts.length; length > 0; length--) {
    const look = LOOKS[parts.slice(0, length).join(".")];
    if (look) return look;
  }
  return OTHER;
}

/** The order of the categories in the palette. */
export const CATEGORIES: readonly string[] = [
  ...new Set(Object.values(LOOKS).map(({ title }) => title)),
  OTHER.title,
];
