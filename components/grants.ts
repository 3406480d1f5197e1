/**
 * What a component may reach, and whether it may reach this.
 *
 * @module
 */
import { TerminalError } from "../engine/errors.ts";

/** What a document grants under `permissions`. Nothing is granted by default. */
export interface Grants {
  /** Hosts, `example.com`, `example.com:8443` or `*.example.com`. */
  readonly net: readonly string[];
  /** Files and folders, relative to the document. */
  readonly read: readonly string[];
  readonly write: readonly string[];
  /** Names of environment variables. */
  readonly env: readonly string[];
}

/** Nothing. */
export const NO_GRANTS: Grants = { net: [], read: [], write: [], env: [] };

/** A capability that can be granted. */
export type Capability = keyof Grants;

/** A component asked for what it was not granted. */
export class PermissionError extends TerminalError {
  readonly capability: Capability;
  /** What would have to be listed. */
  readonly wanted: string;
  /** Whether a document could grant it at all. */
  readonly isGrantable: boolean;

  constructor({ component, capability, wanted }: {
    readonly component: string;
    readonly capability: Capability;
    readonly wanted: string;
  }) {
    const isGrantable = (capability !== "read" && capability !== "write") ||
      !isOutside(wanted);
    const remedy = isGrantable
      ? `to grant it, add ${capability}: [${JSON.stringify(wanted)}] to its ` +
        "permissions"
      : "it lies outside of the document's folder";
    super(`${component} may not ${VERBS[capability]} "${wanted}": ${remedy}`);
    this.capability = capability;
    this.wanted = wanted;
    this.isGrantable = isGrantable;
  }
}

const VERBS: Readonly<Record<Capability, string>> = {
  net: "reach",
  read: "read",
  write: "write",
  env: "see the environment variable",
};

/** Whether a URL is granted. */
export function mayReach({ net }: Grants, url: URL): boolean {
  return net.some((grant) => {
    const { host, port } = parseHost(grant);
    return matchesHost(host, url.hostname) && matchesPort(port, url);
  });
}

/** How a URL would be granted. */
export function grantFor({ hostname, port }: URL): string {
  return port === "" ? hostname : `${hostname}:${port}`;
}

/**
 * Whether an address that is not public was named as it is: an address, or a name
 * that nobody outside can give another meaning.
 */
export function namesHost({ net }: Grants, url: URL): boolean {
  return isInside(url.hostname) && net.some((grant) => {
    const { host, port } = parseHost(grant);
    return host === url.hostname && matchesPort(port, url);
  });
}

/** A name of this machine or network: no public name can be one of these. */
function isInside(hostname: string): boolean {
  return /^[\d.]+$|^\[/.test(hostname) || !hostname.includes(".") ||
    /\.(?:localhost|local|internal|home\.arpa|svc)$/.test(hostname);
}

/** Whether a path, relative to the document's folder, is granted or lies in what is. */
export function mayTouch(grants: readonly string[], path: string): boolean {
  if (isOutside(path)) return false;
  const wanted = normal(path);
  return grants.some((grant) => {
    const allowed = normal(grant);
    return allowed === "" || wanted === allowed ||
      wanted.startsWith(`${allowed}/`);
  });
}

/** Whether a path leaves the document's folder, where nothing can be granted. */
function isOutside(path: string): boolean {
  const wanted = normal(path);
  return wanted === ".." || wanted.startsWith("../");
}

function parseHost(grant: string): { host: string; port: string | undefined } {
  const match = /^(.*?)(?::(\d+))?$/.exec(grant.toLowerCase());
  return { host: match?.[1] ?? "", port: match?.[2] };
}

function matchesHost(pattern: string, hostname: string): boolean {
  if (!pattern.startsWith("*.")) return pattern === hostname;
  return hostname.endsWith(pattern.slice(1)) &&
    hostname.length > pattern.length - 1;
}

function matchesPort(port: string | undefined, url: URL): boolean {
  const standard = url.protocol === "https:" ? "443" : "80";
  const actual = url.port === "" ? standard : url.port;
  return port === undefined
    ? actual === "443" || actual === "80"
    : port === actual;
}

/** Without `.`, `..` and doubled slashes; what leads out stays recognisable. */
function normal(path: string): string {
  const parts: string[] = [];
  for (const part of path.replaceAll("\\", "/").split("/")) {
    if (part === "" || part === ".") continue;
    if (part === ".." && parts.length > 0 && parts.at(-1) !== "..") parts.pop();
    else parts.push(part);
  }
  return parts.join("/");
}
