import assert from "node:assert/strict";
import { mail, protocolTest, type TestClient } from "../support/protocol.ts";

async function modseqs(client: TestClient): Promise<number[]> {
  const lines = await client.ok("FETCH 1:* (MODSEQ)");
  return lines.flatMap((line) => /MODSEQ \((\d+)\)/.exec(line)?.slice(1).map(Number) ?? []);
}

protocolTest("FETCH MODSEQ turns CONDSTORE on and tells HIGHESTMODSEQ (RFC 7162 §3.1, §3.1.2.1)", async (t) => {
  const client = await t.login({ inbox: [mail("one")] });
  const other = await t.login();
  await client.ok("SELECT INBOX");
  await other.ok("SELECT INBOX");
  await client.exchange(`
    C: a FETCH 1 (MODSEQ)
    S: * OK [HIGHESTMODSEQ ...
    S: * 1 FETCH (MODSEQ (...))
    S: a OK ...
  `);
  await other.ok("STORE 1 +FLAGS (\\Flagged)");
  await client.exchange(`
    C: b NOOP
    S: * 1 FETCH (UID 1 FLAGS (\\Flagged \\Recent) MODSEQ (...))
    S: b OK ...
  `);
});

protocolTest("FETCH CHANGEDSINCE gives what changed later, with MODSEQ (RFC 7162 §3.1.4.1)", async (t) => {
  const client = await t.login({ inbox: ["a", "b", "c", "d"].map((subject) => mail(subject)) });
  await client.ok("SELECT INBOX");
  const before = Math.max(...await modseqs(client));
  await client.ok("STORE 2,4 +FLAGS (\\Flagged)");
  const after = (await modseqs(client))[1];
  assert(after > before);
  await client.exchange(`
    C: a UID FETCH 1:* (FLAGS) (CHANGEDSINCE ${before})
    S: * 2 FETCH (UID 2 FLAGS (\\Flagged \\Recent) MODSEQ (${after}))
    S: * 4 FETCH (UID 4 FLAGS (\\Flagged \\Recent) MODSEQ (${after}))
    S: a OK ...
    C: b FETCH 1:3 (RFC822.SIZE) (CHANGEDSINCE ${before})
    S: * 2 FETCH (RFC822.SIZE ... MODSEQ (${after}))
    S: b OK ...
    C: c FETCH 1:* (FLAGS) (CHANGEDSINCE ${after})
    S: c OK FETCH done
    C: d FETCH 1:* (UID) (CHANGEDSINCE 9223372036854775807)
    S: d OK FETCH done
  `);
});

protocolTest("UID FETCH VANISHED tells earlier removals before any FETCH (RFC 7162 §3.2.6)", async (t) => {
  const client = await t.login({ inbox: ["a", "b", "c", "d", "e"].map((subject) => mail(subject)) });
  await client.ok("ENABLE QRESYNC");
  await client.ok("SELECT INBOX");
  const before = Math.max(...await modseqs(client));
  await client.ok("STORE 2,3,5 +FLAGS.SILENT (\\Deleted)");
  await client.ok("EXPUNGE");
  await client.ok("STORE 2 +FLAGS.SILENT (\\Flagged)");
  await client.exchange(`
    C: a UID FETCH 1:* (FLAGS) (CHANGEDSINCE ${before} VANISHED)
    S: * VANISHED (EARLIER) 2:3,5
    S: * 2 FETCH (UID 4 FLAGS (\\Flagged \\Recent) MODSEQ (...))
    S: a OK ...
    C: b UID FETCH 3:4 (UID) (VANISHED CHANGEDSINCE ${before})
    S: * VANISHED (EARLIER) 3
    S: * 2 FETCH (UID 4 MODSEQ (...))
    S: b OK ...
    C: c UID FETCH 1 (UID) (VANISHED CHANGEDSINCE ${before})
    S: c OK UID FETCH done
  `);
});

protocolTest("FETCH $ gives the saved messages, none where it is empty (RFC 5182 §2.1)", async (t) => {
  const client = await t.login({ inbox: ["a", "b", "c"].map((subject) => mail(subject)) });
  await client.exchange(`
    C: a SELECT INBOX
    S: a OK ...
    C: b FETCH $ UID
    S: b OK FETCH done
    C: c SEARCH RETURN (SAVE) OR SUBJECT a SUBJECT c
    S: c OK SEARCH done
    C: d FETCH $ UID
    S: * 1 FETCH (UID 1)
    S: * 3 FETCH (UID 3)
    S: d OK ...
    C: e UID FETCH $ (FLAGS)
    S: * 1 FETCH (UID 1 FLAGS (\\Recent))
    S: * 3 FETCH (UID 3 FLAGS (\\Recent))
    S: e OK ...
  `);
});
