/**
 * Asks again for something that depends on something else.
 *
 * @module
 */
import { useEffect, useRef } from "preact/hooks";
import type { Resource } from "./resource.ts";

/** Asks again when `key` changes; what is shown stays until the next is there. */
export function useFollowing<T>(
  resource: Resource<T>,
  key: string,
): Resource<T> {
  const seen = useRef(key);
  useEffect(() => {
    if (seen.current === key) return;
    seen.current = key;
    resource.reload();
  }, [key]);
  return resource;
}
