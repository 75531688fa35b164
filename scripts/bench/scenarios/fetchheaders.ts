/** Header fields as most clients ask for them. */
import { check, eachMessage, equal, headerFields } from "../check.ts";
import { LIGHT, message } from "../corpus.ts";
import { fetchTimed } from "../fetching.ts";
import { LARGE, prepareLarge } from "../mailboxes.ts";
import { textOf } from "../answers.ts";
import type { Scenario } from "../run.ts";

const FIELDS = ["FROM", "TO", "SUBJECT", "DATE", "MESSAGE-ID", "REFERENCES"];
/** So many are compared byte by byte, of the others it is seen that there is something. */
const COMPARED = 1000;

export const fetchHeaders: Scenario = {
  name: "fetch-headers",
  title: `FETCH 1:* BODY.PEEK[HEADER.FIELDS (${FIELDS.join(" ")})] of the large mailbox`,
  rounds: [2, 3],
  prepare: prepareLarge,
  async measure(run) {
    const count = run.scale.large;
    const command = `FETCH 1:* BODY.PEEK[HEADER.FIELDS (${FIELDS.join(" ")})]`;
    const { measured, kept } = await fetchTimed(run, { mailbox: LARGE, count, command });
    const step = Math.max(1, Math.floor(count / COMPARED));
    const names = FIELDS.map((name) => name.toLowerCase());
    eachMessage(kept, count, (at, items) => {
      const value = textOf(items.values().next().value);
      check(value.length > 40, `message ${at + 1} has no header fields`);
      if (at % step === 0) equal(value, headerFields(message(LIGHT, at).bytes, names), `fields of message ${at + 1}`);
    });
    run.rate("all", count / measured.ms * 1000, "messages/s", measured);
  },
};
