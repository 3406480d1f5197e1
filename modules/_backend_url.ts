/**
 * Addresses that a proxy sends requests to, and how a request's path goes below
 * one of them.
 *
 * @module
 */
import { z } from "zod";
import type { HttpContext } from "@engine/services/http_handler.ts";

const BACKEND_URL = /^https?:\/\/[^/?#@\s]+(?:\/[^?#\s]*)?$/i;

/** A field that holds the address of a backend. */
export function backendUrl() {
  return z.string()
    .refine(
      (text) => BACKEND_URL.test(text) && URL.canParse(text),
      "Expected an address such as http://users:8080, without user, query or fragment",
    )
    .meta({ widget: "url" });
}

/** What a request asks for, without dots that lead out of a folder. */
export interface Target {
  readonly path: string;
  /** With its question mark, or empty. */
  readonly query: string;
}

/**
 * The path as a backend will understand it. Prefixes are compared with this one,
 * or `/public/%2e%2e/private` would pass for something public.
 */
export function targetOf({ path, request }: HttpContext): Target {
  const start = request.url.indexOf("?");
  const query = start < 0 ? "" : request.url.slice(start);
  const { pathname, search } = new URL(`http://gateway${path}${query}`);
  return { path: pathname, query: search };
}

/** The address of a target below a backend. */
export function below(backend: URL, { path, query }: Target): URL {
  const base = backend.pathname.endsWith("/")
    ? backend.pathname.slice(0, -1)
    : backend.pathname;
  return new URL(`${backend.origin}${base}${path}${query}`);
}
