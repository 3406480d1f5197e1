/**
 * The book of the world outside: a line for each thing that has happened there,
 * on the disk before anybody is told. It outlives the engine, and shows whatever
 * would have been done twice.
 *
 * @module
 */
import { dirname } from "node:path";

/**
 * Notes that something was done for a key. A second time it only notes that it
 * was asked for again, as a real service does that knows idempotency keys.
 */
export function note(book: string, deed: string, key: string): void {
  const line = `${deed} ${key}`;
  append(book, read(book).includes(line) ? `again ${line}` : line);
}

function read(book: string): readonly string[] {
  try {
    return Deno.readTextFileSync(book).split("\n");
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}

function append(book: string, line: string): void {
  Deno.mkdirSync(dirname(book), { recursive: true });
  using file = Deno.openSync(book, { append: true, create: true });
  file.writeSync(new TextEncoder().encode(`${line}\n`));
  file.syncDataSync();
}
