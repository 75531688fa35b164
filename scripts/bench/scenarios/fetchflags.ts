/** What a client without QRESYNC does each time it opens a mailbox. */
import { ascendingUids, checkFlags, eachMessage } from "../check.ts";
import { facts, LIGHT } from "../corpus.ts";
import { fetchTimed } from "../fetching.ts";
import { LARGE, prepareLarge } from "../mailboxes.ts";
import type { Scenario } from "../run.ts";

export const fetchFlags: Scenario = {
  name: "fetch-flags",
  title: "UID FETCH 1:* (FLAGS) of the large mailbox",
  rounds: [2, 5],
  prepare: prepareLarge,
  async measure(run) {
    const count = run.scale.large;
    const { measured, kept } = await fetchTimed(run, { mailbox: LARGE, count, command: "UID FETCH 1:* (FLAGS)" });
    const known = facts(LIGHT, count);
    const checkUid = ascendingUids();
    eachMessage(kept, count, (at, items) => {
      checkUid(items);
      checkFlags(items, known[at].flags, at);
    });
    run.rate("all", count / measured.ms * 1000, "messages/s", measured);
    run.cost("all", measured.ms, "ms", measured);
  },
};
