import assert from "node:assert/strict";
import { formatDateTime } from "../../server/imap/wire/dates.ts";
import { DateTimeWriter } from "../../server/imap/wire/datetime.ts";

Deno.test("one date-time after another is what each is by itself", () => {
  const writer = new DateTimeWriter();
  const times = [0, 86_399, 86_400, 1_790_000_000, 1_790_000_001, -1, -86_401, 253_402_300_800, -1e12, 951_782_400];
  for (const time of times) {
    assert.equal(new TextDecoder().decode(writer.quoted(time)), `"${formatDateTime(time)}"`);
  }
});
