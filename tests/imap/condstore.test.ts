import assert from "node:assert/strict";
import { mail, protocolTest } from "../support/protocol.ts";

const three = [mail("1"), mail("2"), mail("3")];

function modseqs(lines: readonly string[]): number[] {
  return lines.map((line) => Number(/MODSEQ \((\d+)\)/.exec(line)?.[1]));
}

protocolTest("STORE tells MODSEQ, with .SILENT too (RFC 7162 §3.1.3)", async (t) => {
  const client = await t.login({ inbox: three });
  await client.exchange(`
    C: a SELECT INBOX (CONDSTORE)
    S: a OK ...
    C: b STORE 1 +FLAGS.SILENT (\\Seen)
    S: * 1 FETCH (UID 1 MODSEQ (...))
    S: b OK ...
    C: c STORE 2 +FLAGS (\\Seen)
    S: * 2 FETCH (UID 2 FLAGS (\\Seen \\Recent) MODSEQ (...))
    S: c OK ...
  `);
});

protocolTest("UNCHANGEDSINCE: what was changed meanwhile is left and told (RFC 7162 §3.1.3)", async (t) => {
  const client = await t.login({ inbox: three });
  const other = await t.login();
  await client.ok("SELECT INBOX (CONDSTORE)");
  const since = Math.max(...modseqs(await client.ok("FETCH 1:3 MODSEQ")));
  await other.ok("SELECT INBOX");
  await other.ok("STORE 2 +FLAGS (\\Flagged)");
  await client.exchange(`
    C: a STORE 1:3 (UNCHANGEDSINCE ${since}) +FLAGS.SILENT (\\Deleted)
    S: * 2 FETCH (UID 2 FLAGS (\\Flagged \\Recent) MODSEQ (...))
    S: * 1 FETCH (UID 1 MODSEQ (...))
    S: * 3 FETCH (UID 3 MODSEQ (...))
    S: a OK [MODIFIED 2] ...
    C: b UID STORE 2 (UNCHANGEDSINCE 0) +FLAGS (\\Seen)
    S: b OK [MODIFIED 2] ...
  `);
});

protocolTest("FETCH CHANGEDSINCE turns CONDSTORE on (RFC 7162 §3.1.4.1)", async (t) => {
  const client = await t.login({ inbox: three });
  await client.ok("SELECT INBOX");
  const [first] = await client.ok("STATUS INBOX (HIGHESTMODSEQ)").then((lines) =>
    lines.filter((l) => /STATUS/.test(l))
  );
  const since = Number(/HIGHESTMODSEQ (\d+)/.exec(first)?.[1]);
  await client.ok("STORE 2 +FLAGS.SILENT (\\Seen)");
  await client.exchange(`
    C: a UID FETCH 1:* (FLAGS) (CHANGEDSINCE ${since})
    S: * 2 FETCH (UID 2 FLAGS (\\Seen \\Recent) MODSEQ (...))
    S: a OK ...
  `);
});

protocolTest("modseqs rise with every change, over all mailboxes", async (t) => {
  const client = await t.login({ inbox: three });
  await client.ok("SELECT INBOX (CONDSTORE)");
  const seen: number[] = [];
  for (const flag of ["\\Seen", "\\Flagged", "$A", "$B"]) {
    seen.push(...modseqs((await client.ok(`STORE 1 +FLAGS (${flag})`)).filter((line) => /MODSEQ \(/.test(line))));
  }
  assert.equal(seen.length, 4);
  assert.deepEqual(seen, [...new Set(seen)].sort((a, b) => a - b));
});

protocolTest("SEARCH MODSEQ (RFC 7162 §3.1.5)", async (t) => {
  const client = await t.login({ inbox: three });
  await client.ok("SELECT INBOX (CONDSTORE)");
  const [line] = await client.ok("STORE 2 +FLAGS.SILENT (\\Seen)");
  const modseq = modseqs([line])[0];
  await client.exchange(`
    C: a SEARCH MODSEQ ${modseq}
    S: * SEARCH 2 (MODSEQ ${modseq})
    S: a OK ...
    C: b SEARCH MODSEQ ${modseq + 1}
    S: * SEARCH
    S: b OK ...
  `);
});
