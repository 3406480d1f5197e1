/**
 * The thread in which a SQLite file is read and written. It is told which file
 * first, then gets work, and closes the file at the end.
 *
 * @module
 */
import { RefusedError, RetryableError } from "../../errors.ts";
import { SqliteConnection } from "./sqlite_connection.ts";
import type { FromThread, KeptError, ToThread } from "./sqlite_thread.ts";

/** What a thread can do; the types of the page's window do not know it. */
interface Thread {
  postMessage(message: FromThread): void;
  onmessage: ((event: MessageEvent<ToThread>) => void) | null;
}

const thread = self as unknown as Thread;

let connection: SqliteConnection | undefined;

thread.onmessage = ({ data }) => thread.postMessage(answer(data));

function answer(message: ToThread): FromThread {
  switch (message.kind) {
    case "open":
      try {
        connection = new SqliteConnection(message.file, message.options);
        return { kind: "opened" };
      } catch (error) {
        return { kind: "opened", error: kept(error) };
      }
    case "do": {
      const outcomes = connection?.doAll(message.jobs) ?? [];
      return {
        kind: "done",
        outcomes: outcomes.map((one) =>
          one instanceof Error ? { error: kept(one) } : { outcomes: one }
        ),
      };
    }
    case "close":
      connection?.close();
      return { kind: "closed" };
  }
}

/** Errors lose their class on the way. */
function kept(error: unknown): KeptError {
  const { message } = error as Error;
  if (error instanceof RefusedError) return { message, refusal: error.code };
  return { message, isRetryable: error instanceof RetryableError };
}
