/**
 * A file that grows to a size; then it becomes `.1`, what was that `.2`, and so on
 * up to a number. Lines are written together and at once: what is written cannot
 * be overtaken, and a process that is killed loses no more than what waits.
 *
 * @module
 */
import { basename, dirname, join } from "node:path";

/** How a file is kept. */
export interface RotatingFileOptions {
  readonly path: string;
  readonly bytesMax: number;
  /** How many older files are kept. */
  readonly backupsMax: number;
  /** How long an older file is kept, in milliseconds; 0: any time. */
  readonly ageMsMax: number;
  /** In milliseconds since 1970. */
  readonly now: () => number;
}

/** See the module comment. */
export class RotatingFile {
  readonly #options: RotatingFileOptions;
  #file: Deno.FsFile | undefined;
  #bytes = 0;

  constructor(options: RotatingFileOptions) {
    this.#options = options;
  }

  /** Appends lines. @throws {Error} if that cannot be; some may be written then. */
  write(lines: readonly string[]): void {
    if (this.#file === undefined) this.#open();
    const encoder = new TextEncoder();
    let parts: Uint8Array[] = [];
    let length = 0;
    for (const line of lines) {
      const part = encoder.encode(`${line}\n`);
      const after = this.#bytes + length + part.length;
      if (after > this.#options.bytesMax && this.#bytes + length > 0) {
        this.#append(parts);
        this.#rotate();
        parts = [];
        length = 0;
      }
      parts.push(part);
      length += part.length;
    }
    this.#append(parts);
  }

  close(): void {
    this.#file?.close();
    this.#file = undefined;
  }

  #open(): void {
    const { path } = this.#options;
    Deno.mkdirSync(dirname(path), { recursive: true });
    this.#removeOld();
    this.#file = Deno.openSync(path, { create: true, append: true });
    this.#bytes = this.#file.statSync().size;
  }

  #append(parts: readonly Uint8Array[]): void {
    const whole = new Uint8Array(
      parts.reduce((sum, { length }) => sum + length, 0),
    );
    let place = 0;
    for (const part of parts) {
      whole.set(part, place);
      place += part.length;
    }
    let rest = whole;
    while (rest.length > 0) {
      const written = this.#file?.writeSync(rest) ?? rest.length;
      this.#bytes += written;
      rest = rest.subarray(written);
    }
  }

  #rotate(): void {
    const { path, backupsMax } = this.#options;
    this.close();
    if (backupsMax === 0) Deno.removeSync(path);
    for (let n = backupsMax; n > 0; n--) {
      rename(n === 1 ? path : `${path}.${n - 1}`, `${path}.${n}`);
    }
    this.#open();
  }

  /** Removes what is too old or too many, also if fewer are kept than before. */
  #removeOld(): void {
    const { path, backupsMax, ageMsMax, now } = this.#options;
    const prefix = `${basename(path)}.`;
    for (const { name } of [...Deno.readDirSync(dirname(path))]) {
      const number = name.startsWith(prefix)
        ? /^\d+$/.exec(name.slice(prefix.length))
        : null;
      if (number === null) continue;
      const file = join(dirname(path), name);
      const at = Deno.statSync(file).mtime?.getTime() ?? now();
      const isOld = ageMsMax > 0 && now() - at > ageMsMax;
      if (isOld || Number(number[0]) > backupsMax) Deno.removeSync(file);
    }
  }
}

function rename(from: string, to: string): void {
  try {
    Deno.renameSync(from, to);
  } catch (error) {
    // There are not so many yet.
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
