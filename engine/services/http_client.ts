/**
 * The contract of what calls HTTP services.
 *
 * @module
 */
import type { HttpCall, HttpResult } from "../outgoing/call_http.ts";
import { defineService } from "../service.ts";

/** Calls HTTP services, with what its module says for all calls. */
export interface HttpClient {
  /**
   * Makes a call and returns what came back, whatever its status. Calls that may be
   * repeated are, as the module says.
   *
   * @throws {TerminalError} The address, or the size of the answer, is not allowed.
   * @throws {RetryableError} There was no answer.
   * @throws the reason of the signal when it aborts.
   */
  request(
    call: HttpCall,
    options?: { readonly signal?: AbortSignal },
  ): Promise<HttpResult>;
}

/** Modules that call HTTP services. */
export const HttpClient = defineService<HttpClient>(
  "http.client",
  "calls HTTP services",
);
