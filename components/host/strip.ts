/**
 * The process that reads one long source: its input is the source, its output
 * what `stripTypes` says of it, as JSON.
 *
 * @module
 */
import { stripTypes } from "../strip_types.ts";

const text = await new Response(Deno.stdin.readable).text();
const answer = JSON.stringify(stripTypes(text));
await new Blob([answer]).stream().pipeTo(Deno.stdout.writable);
Deno.exit(0);
