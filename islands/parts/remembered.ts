/**
 * What the browser remembers of how somebody likes the pages: sets of words, each
 * under a name, from one visit to the next.
 *
 * @module
 */
import { type Signal, signal } from "@preact/signals";

const all = new Map<string, Signal<ReadonlySet<string>>>();

/** The set of a name; empty at first. */
export function remembered(name: string): Signal<ReadonlySet<string>> {
  const known = all.get(name) ?? signal(read(name));
  all.set(name, known);
  return known;
}

/** Puts a word into a set; takes it out, if it is there. */
export function toggleRemembered(name: string, word: string): void {
  const set = remembered(name);
  // What another window has put there meanwhile stays.
  const words = new Set(read(name));
  if (set.value.has(word)) words.delete(word);
  else words.add(word);
  set.value = words;
  try {
    localStorage.setItem(name, JSON.stringify([...words]));
  } catch {
    // A browser that keeps nothing forgets it with the page.
  }
}

function read(name: string): ReadonlySet<string> {
  try {
    const words: unknown = JSON.parse(localStorage.getItem(name) ?? "[]");
    return new Set(Array.isArray(words) ? words.map(String) : []);
  } catch {
    return new Set();
  }
}
