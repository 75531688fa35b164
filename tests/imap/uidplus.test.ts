import { mail, protocolTest } from "../support/protocol.ts";

protocolTest("UIDPLUS: UID EXPUNGE removes only messages named that have \\Deleted (RFC 4315 §2.1)", async (t) => {
  const client = await t.login({ inbox: ["1", "2", "3", "4", "5"].map((s) => mail(s)) });
  await client.exchange(`
    C: a SELECT INBOX
    S: a OK ...
    C: b STORE 2:4 +FLAGS.SILENT (\\Deleted)
    S: b OK ...
    C: c UID EXPUNGE 1:3
    S: * 2 EXPUNGE
    S: * 2 EXPUNGE
    S: c OK ...
    C: d EXPUNGE
    S: * 2 EXPUNGE
    S: d OK ...
    C: e FETCH 1:* UID
    S: * 1 FETCH (UID 1)
    S: * 2 FETCH (UID 5)
    S: e OK ...
  `);
});

protocolTest("COPY tells COPYUID; copies keep flags and date (RFC 4315 §3, RFC 9051 §6.4.7)", async (t) => {
  const client = await t.login({
    inbox: [{ text: mail("1"), flags: ["\\Seen", "$Work"], date: 1000 }, mail("2"), mail("3")],
  });
  const validity = await t.uidvalidity("Archive");
  await client.exchange(`
    C: a SELECT INBOX
    S: a OK ...
    C: b UID COPY 1,3 Archive
    S: b OK [COPYUID ${validity} 1,3 1:2] UID COPY done
    C: c UID COPY 77:99 Archive
    S: c OK UID COPY done
    C: d COPY 1 nowhere
    S: d NO [TRYCREATE] ...
    C: e COPY 4 Archive
    S: e BAD ...
    C: f SELECT Archive
    S: f OK ...
    C: g FETCH 1 (FLAGS INTERNALDATE)
    S: * 1 FETCH (FLAGS (\\Seen $Work \\Recent) INTERNALDATE " 1-Jan-1970 00:16:40 +0000")
    S: g OK ...
  `);
});
