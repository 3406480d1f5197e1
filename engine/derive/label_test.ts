import assert from "node:assert/strict";
import { labelOf } from "./label.ts";

Deno.test("labelOf() makes words for people of names for programs", () => {
  for (
    const [name, label] of [
      ["address", "Address"],
      ["maxBodyBytes", "Max body bytes"],
      ["instanceIDPrefix", "Instance ID prefix"],
      ["webhookURL", "Webhook URL"],
      ["userIds", "User IDs"],
      ["health_check", "Health check"],
      ["http.middleware.cors", "HTTP middleware CORS"],
      ["auth.jwt", "Auth JWT"],
      ["X-Frame-Options", "X frame options"],
      ["s3", "S3"],
      ["", ""],
    ]
  ) assert.equal(labelOf(name ?? ""), label);
});
