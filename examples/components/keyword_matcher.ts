/**
 * Reads the first word of a message: some words choose who answers, and the one
 * for a crisis goes ahead of the others.
 *
 * @module
 */
import type { ComponentContext, Contract } from "../../components/sdk.ts";

interface Match {
  readonly programId: string;
  /** Empty for the program as a whole. */
  readonly subProgram: string;
  readonly action: "route" | "route_priority";
  readonly autoResponse: string;
}

/** What a provider of messages calls the text. */
interface Message {
  readonly body?: string;
  readonly Body?: string;
  readonly message?: string;
}

const KEYWORDS: ReadonlyMap<string, Match> = new Map([
  ["HELLO", {
    programId: "prog-001",
    subProgram: "",
    action: "route",
    autoResponse: "Good that you write. Somebody will be with you shortly.",
  }],
  ["HELP", {
    programId: "prog-001",
    subProgram: "",
    action: "route",
    autoResponse: "You have come to the right place. We find you somebody now.",
  }],
  ["CRISIS", {
    programId: "prog-001",
    subProgram: "crisis-immediate",
    action: "route_priority",
    autoResponse:
      "You are next in line. If your life is in danger, call the emergency services.",
  }],
  ["TEEN", {
    programId: "prog-002",
    subProgram: "teen-support",
    action: "route",
    autoResponse: "Hi! Somebody who knows what being young is like joins soon.",
  }],
  ["WELLNESS", {
    programId: "prog-003",
    subProgram: "",
    action: "route",
    autoResponse: "Welcome. A wellness coach takes your message next.",
  }],
  ["PARTNER", {
    programId: "prog-004",
    subProgram: "",
    action: "route",
    autoResponse: "Thank you. We bring you together with one of our partners.",
  }],
]);

export const contract: Contract = {
  optionalInputs: {
    body: { type: "string", description: "The message" },
    Body: { type: "string", description: "The message, if body is empty" },
    message: { type: "string", description: "The message, if both are empty" },
  },
  outputs: {
    matched: "bool",
    keyword: "string",
    programId: "string",
    subProgram: "string",
    action: "string",
    autoResponse: "string",
    timestamp: "string",
  },
};

/** A word that is no keyword is an answer too; a message without text is not. */
export function execute(
  { body, Body, message }: Message,
  ctx: ComponentContext,
) {
  const text = body || Body || message;
  if (!text) throw terminal("Cannot match a keyword: the message has no text");
  const [word = ""] = text.trim().split(/\s+/, 1);
  const keyword = word.toUpperCase();
  const timestamp = new Date(ctx.now()).toISOString();
  const match = KEYWORDS.get(keyword);
  return match === undefined
    ? { matched: false, keyword, timestamp }
    : { matched: true, keyword, ...match, timestamp };
}

/** Trying again cannot help. */
function terminal(message: string): Error {
  return Object.assign(new Error(message), { name: "TerminalError" });
}
