/**
 * What a provider says about somebody, as a user of the application. Pure.
 *
 * @module
 */
import type { Claims } from "@engine/services/http_handler.ts";
import { nameFault, normalEmail } from "./_credentials.ts";
import type { ProviderSettings } from "./_modular_config.ts";
import type { User } from "./_users.ts";

/** The longest name of somebody at a provider, in characters. */
export const SUBJECT_CHARACTERS_MAX = 255;

/** The most groups that are taken over. */
export const GROUPS_MAX = 200;

/** Somebody whom a provider knows. */
export type Identity = Omit<User, "createdAt">;

/** `undefined` if the claims do not say who it is. */
export function identityOf(
  provider: string,
  claims: Claims,
  { subjectClaim, groupsClaim, roles, defaultRole }: Pick<
    ProviderSettings,
    "subjectClaim" | "groupsClaim" | "roles" | "defaultRole"
  >,
): Identity | undefined {
  const subject = subjectClaim === undefined
    ? claims.sub ?? claims.id
    : at(claims, subjectClaim);
  const id = typeof subject === "number" ? String(subject) : subject;
  if (typeof id !== "string" || id === "") return undefined;
  if (id.length > SUBJECT_CHARACTERS_MAX) return undefined;
  const groups = groupsOf(at(claims, groupsClaim));
  const [, role = defaultRole] =
    Object.entries(roles).find(([group]) => groups.includes(group)) ?? [];
  return {
    id: `${provider}:${id}`,
    email: emailOf(claims),
    name: nameOf(claims),
    // Fits no password.
    passwordHash: "",
    metadata: {
      provider,
      groups,
      ...(role === undefined ? {} : { role }),
    },
  };
}

/** One that the provider has not verified could be anybody's. */
function emailOf({ email, email_verified }: Claims): string {
  if (typeof email !== "string" || email_verified === false) return "";
  return normalEmail(email) ?? "";
}

function nameOf({ name, preferred_username, login }: Claims): string {
  const found = [name, preferred_username, login].find((text) =>
    typeof text === "string" && text !== "" && nameFault(text) === undefined
  );
  return typeof found === "string" ? found : "";
}

function groupsOf(value: unknown): string[] {
  const list = typeof value === "string" ? value.split(/[\s,]+/) : value;
  if (!Array.isArray(list)) return [];
  return list.filter((group) => typeof group === "string" && group !== "")
    .slice(0, GROUPS_MAX);
}

/** A claim by its name, or by a way into objects. */
function at(claims: Claims, path: string): unknown {
  if (Object.hasOwn(claims, path)) return claims[path];
  let value: unknown = claims;
  for (const name of path.split(".")) {
    const isThere = typeof value === "object" && value !== null &&
      Object.hasOwn(value, name);
    value = isThere ? (value as Record<string, unknown>)[name] : undefined;
  }
  return value;
}
