import { mail, protocolTest } from "../support/protocol.ts";

const inbox = [
  { text: mail("1"), date: 760_000_000, flags: ["$Junk"] },
  { text: mail("2", "some text"), date: 1_100_000_000, flags: ["\\Flagged"] },
  { text: mail("3"), date: 1_200_000_000, flags: ["$Junk"] },
  { text: mail("4"), date: 1_300_000_000, flags: ["\\Flagged"] },
];

protocolTest("examples 1 and 2: FETCH of a saved result, pipelined (RFC 5182 §2.2)", async (t) => {
  const client = await t.login({ inbox });
  await client.ok("SELECT INBOX");
  await client.send(
    'A282 SEARCH RETURN (SAVE) FLAGGED SINCE 1-Feb-1994 NOT FROM "Smith"\r\nA283 FETCH $ (UID FLAGS)\r\n',
  );
  await client.exchange(`
    S: A282 OK SEARCH done
    S: * 2 FETCH (UID 2 FLAGS (\\Flagged \\Recent))
    S: * 4 FETCH (UID 4 FLAGS (\\Flagged \\Recent))
    S: A283 OK FETCH done
  `);
});

protocolTest("examples 3 and 4: $ as a search key, with and without UID (RFC 5182 §2.2)", async (t) => {
  const client = await t.login({ inbox });
  await client.ok("SELECT INBOX");
  await client.exchange(`
    C: A300 SEARCH RETURN (SAVE) SINCE 1-Jan-2004
    S: A300 OK SEARCH done
    C: A301 UID SEARCH UID $ SMALLER 4096
    S: * SEARCH 2 3 4
    S: A301 OK ...
    C: A302 UID SEARCH $ SMALLER 4096
    S: * SEARCH 2 3 4
    S: A302 OK ...
    C: P283 SEARCH CHARSET UTF-8 (OR $ 1,3:4) TEXT {4+}
    C: text
    S: * SEARCH 2
    S: P283 OK ...
  `);
});

protocolTest("example 5: a failed SEARCH without SAVE leaves $ (RFC 5182 §2.2)", async (t) => {
  const client = await t.login({ inbox });
  await client.ok("SELECT INBOX");
  await client.exchange(`
    C: B282 SEARCH RETURN (SAVE) SINCE 1-Jan-2008
    S: B282 OK ...
    C: B283 SEARCH CHARSET KLINGON $ TEXT {4+}
    C: XXXX
    S: B283 NO [BADCHARSET (US-ASCII UTF-8)] ...
    C: B284 SEARCH $
    S: * SEARCH 3 4
    S: B284 OK ...
    C: B285 SEARCH RETURN (SAVE) CHARSET KLINGON $
    S: B285 NO ...
    C: B286 SEARCH $
    S: * SEARCH
    S: B286 OK ...
  `);
});

protocolTest("example 6: COPY of an empty result copies nothing (RFC 5182 §2.2)", async (t) => {
  const client = await t.login({ inbox });
  await client.ok("SELECT INBOX");
  await client.ok('CREATE "Other Messages"');
  await client.exchange(`
    C: E282 SEARCH RETURN (SAVE) SINCE 28-Oct-2036
    S: E282 OK SEARCH done
    C: E283 COPY $ "Other Messages"
    S: E283 OK COPY done
  `);
});

protocolTest("example 7: several commands use one result (RFC 5182 §2.3)", async (t) => {
  const client = await t.login({ inbox });
  await client.ok("SELECT INBOX");
  await client.send(
    "F282 SEARCH RETURN (SAVE) KEYWORD $Junk\r\nF283 COPY $ Junk\r\nF284 STORE $ +FLAGS.Silent (\\Deleted)\r\n",
  );
  await client.exchange(`
    S: F282 OK SEARCH done
    S: F283 OK [COPYUID ${await t.uidvalidity("Junk")} 1,3 1:2] COPY done
    S: F284 OK STORE done
    C: F285 EXPUNGE
    S: * 1 EXPUNGE
    S: * 2 EXPUNGE
    S: F285 OK ...
    C: F286 SEARCH $
    S: * SEARCH
    S: F286 OK ...
  `);
});

protocolTest("example 10: what SAVE keeps beside other options (RFC 5182 §2.4)", async (t) => {
  const client = await t.login({ inbox });
  await client.ok("SELECT INBOX");
  await client.exchange(`
    C: C283 SEARCH RETURN (ALL SAVE) SINCE 12-Feb-2001
    S: * ESEARCH (TAG "C283") ALL 2:4
    S: C283 OK ...
    C: D1 SEARCH $
    S: * SEARCH 2 3 4
    S: D1 OK ...
    C: C284 SEARCH RETURN (SAVE MIN) SINCE 12-Feb-2001
    S: * ESEARCH (TAG "C284") MIN 2
    S: C284 OK ...
    C: D2 SEARCH $
    S: * SEARCH 2
    S: D2 OK ...
    C: C285 SEARCH RETURN (MAX SAVE MIN) SINCE 12-Feb-2001
    S: * ESEARCH (TAG "C285") MIN 2 MAX 4
    S: C285 OK ...
    C: D3 SEARCH $
    S: * SEARCH 2 4
    S: D3 OK ...
    C: C286 SEARCH RETURN (MAX SAVE MIN COUNT) SINCE 12-Feb-2001
    S: * ESEARCH (TAG "C286") MIN 2 MAX 4 COUNT 3
    S: C286 OK ...
    C: D4 SEARCH $
    S: * SEARCH 2 3 4
    S: D4 OK ...
  `);
});

protocolTest("$ is empty after SELECT (RFC 5182 §2.1)", async (t) => {
  const client = await t.login({ inbox });
  await client.ok("SELECT INBOX");
  await client.ok("SEARCH RETURN (SAVE) ALL");
  await client.ok("SELECT INBOX");
  await client.exchange(`
    C: a SEARCH $
    S: * SEARCH
    S: a OK ...
  `);
});
