import assert from "node:assert/strict";
import { cronWords } from "./cron_words.ts";

Deno.test("cronWords() says common expressions in words", () => {
  const said = {
    "*/10 * * * * *": "Every 10 s",
    "* * * * *": "Every minute",
    "*/5 * * * *": "Every 5 min",
    "0 * * * *": "Every hour",
    "7 * * * *": "Every hour at :07",
    "30 2 * * *": "Every day at 02:30",
    "0 8 * * MON-FRI": "Monday to Friday at 08:00",
    "0 9 * * 1": "Every Monday at 09:00",
    "@Daily": "Every day at 00:00",
  };
  for (const [cron, words] of Object.entries(said)) {
    assert.equal(cronWords(cron), words, cron);
  }
});

Deno.test("cronWords() leaves other expressions as they are", () => {
  for (
    const cron of [
      "0 8 1 * *",
      "15 0 8 * * *",
      "*/7 * * * *",
      "0 8,20 * * *",
      "0 8 * * MON,WED",
      "nonsense",
      "",
    ]
  ) assert.equal(cronWords(cron), cron);
});
