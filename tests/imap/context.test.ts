import assert from "node:assert/strict";
import { mail, protocolTest } from "../support/protocol.ts";

const three = [mail("one"), mail("two"), mail("three")];

protocolTest("UPDATE tells of messages that come, change and go (CONTEXT=SEARCH, RFC 5267 §4.3)", async (t) => {
  const client = await t.login({ inbox: three });
  const other = await t.login();
  await other.ok("SELECT INBOX");
  await client.exchange(`
    C: o SELECT INBOX
    S: o OK ...
    C: b01 UID SEARCH RETURN (UPDATE COUNT) FLAGGED
    S: * ESEARCH (TAG "b01") UID COUNT 0
    S: b01 OK ...
  `);
  await other.ok("STORE 2:3 +FLAGS (\\Flagged)");
  await client.exchange(`
    C: n1 NOOP
    S: * 2 FETCH ...
    S: * 3 FETCH ...
    S: * ESEARCH (TAG "b01") UID ADDTO (0 2:3)
    S: n1 OK ...
  `);
  await t.fill("INBOX", [{ text: mail("four"), flags: ["\\Flagged"] }, mail("five")]);
  await client.exchange(`
    C: n2 NOOP
    S: * 5 EXISTS
    S: * 0 RECENT
    S: * ESEARCH (TAG "b01") UID ADDTO (0 4)
    S: n2 OK ...
  `.replace("* 0 RECENT", "* ... RECENT"));
  await other.ok("STORE 2 -FLAGS (\\Flagged)");
  await other.ok("STORE 3 +FLAGS (\\Deleted)");
  await client.exchange(`
    C: n3 NOOP
    S: * 2 FETCH ...
    S: * 3 FETCH ...
    S: * ESEARCH (TAG "b01") UID REMOVEFROM (0 2)
    S: n3 OK ...
  `);
  await other.ok("EXPUNGE");
  await client.exchange(`
    C: n4 NOOP
    S: * ESEARCH (TAG "b01") UID REMOVEFROM (0 3)
    S: * 3 EXPUNGE
    S: n4 OK ...
    C: n5 STORE 1 +FLAGS (\\Flagged)
    S: * 1 FETCH ...
    S: * ESEARCH (TAG "b01") UID ADDTO (0 1)
    S: n5 OK ...
    C: n6 CANCELUPDATE "b01"
    S: n6 OK CANCELUPDATE done
    C: n7 STORE 1 -FLAGS (\\Flagged)
    S: * 1 FETCH ...
    S: n7 OK ...
    C: n8 CANCELUPDATE "b01"
    S: n8 NO ...
  `);
});

protocolTest("without UID, numbers are told that hold when they are told (RFC 5267 §4.3.2)", async (t) => {
  const client = await t.login({ inbox: three.map((text) => ({ text, flags: ["\\Seen"] })) });
  const other = await t.login();
  await other.ok("SELECT INBOX");
  await client.exchange(`
    C: o SELECT INBOX
    S: o OK ...
    C: a SEARCH RETURN (UPDATE ALL) SEEN
    S: * ESEARCH (TAG "a") ALL 1:3
    S: a OK ...
  `);
  await other.ok("STORE 1 +FLAGS (\\Deleted)");
  await other.ok("EXPUNGE");
  await other.ok("STORE 2 -FLAGS (\\Seen)");
  await t.fill("INBOX", [{ text: mail("four"), flags: ["\\Seen"] }]);
  await client.exchange(`
    C: n NOOP
    S: * ESEARCH (TAG "a") REMOVEFROM (0 1)
    S: * 1 EXPUNGE
    S: * 3 EXISTS
    S: * ... RECENT
    S: * 2 FETCH ...
    S: * ESEARCH (TAG "a") REMOVEFROM (0 2)
    S: * ESEARCH (TAG "a") ADDTO (0 3)
    S: n OK ...
  `);
});

protocolTest("UPDATE of a SORT tells places (CONTEXT=SORT, RFC 5267 §4.3.3 and §4.3.4)", async (t) => {
  const client = await t.login({ inbox: [mail("m"), mail("c"), mail("x")] });
  const other = await t.login();
  await other.ok("SELECT INBOX");
  await client.exchange(`
    C: o SELECT INBOX
    S: o OK ...
    C: a UID SORT RETURN (UPDATE ALL) (REVERSE SUBJECT) UTF-8 UNDELETED
    S: * ESEARCH (TAG "a") UID ALL 3,1:2
    S: a OK ...
  `);
  await t.fill("INBOX", [mail("d"), mail("n"), mail("z"), mail("m")]);
  await client.exchange(`
    C: n1 NOOP
    S: * 7 EXISTS
    S: * ... RECENT
    S: * ESEARCH (TAG "a") UID ADDTO (1 6 3 5 5 7,4)
    S: n1 OK ...
  `);
  // z6 x3 n5 m1 m7 d4 c2
  await other.ok("NOOP");
  await other.ok("UID STORE 3,5,2 +FLAGS (\\Deleted)");
  await client.exchange(`
    C: n2 NOOP
    S: * 2 FETCH ...
    S: * 3 FETCH ...
    S: * 5 FETCH ...
    S: * ESEARCH (TAG "a") UID REMOVEFROM (7 2 2 3,5)
    S: n2 OK ...
  `);
  await other.ok("UID STORE 3 -FLAGS (\\Deleted)");
  await client.exchange(`
    C: n3 NOOP
    S: * 3 FETCH ...
    S: * ESEARCH (TAG "a") UID ADDTO (2 3)
    S: n3 OK ...
  `);
});

protocolTest("many new messages at once find their places in a sort (RFC 5267 §4.3.3)", async (t) => {
  const client = await t.login({ inbox: ["b050", "b150"].map((subject) => mail(subject)) });
  await client.exchange(`
    C: o SELECT INBOX
    S: o OK ...
    C: a UID SORT RETURN (UPDATE ALL) (SUBJECT) UTF-8 ALL
    S: * ESEARCH (TAG "a") UID ALL 1:2
    S: a OK ...
  `);
  await t.fill(
    "INBOX",
    Array.from({ length: 100 }, (_, i) => mail(`b${String(100 + (i * 37) % 100).padStart(3, "0")}x`)),
  );
  const lines = await client.ok("NOOP");
  const update = /ADDTO \((.*)\)$/.exec(lines.find((line) => line.includes("ADDTO")) ?? "")?.[1].split(" ") ?? [];
  const list = [1, 2];
  for (let i = 0; i < update.length; i += 2) {
    const uids = update[i + 1].split(",").flatMap((range) => {
      const [first, last = first] = range.split(":").map(Number);
      return Array.from({ length: last - first + 1 }, (_, k) => first + k);
    });
    list.splice(Number(update[i]) - 1, 0, ...uids);
  }
  const [line] = await client.ok("UID SORT (SUBJECT) UTF-8 ALL");
  assert.equal(`* SORT ${list.join(" ")}`, line);
});

protocolTest(
  "a tag can be used for one UPDATE at a time, and there is an end of them (RFC 5267 §4.3, §4.3.1)",
  async (t) => {
    const client = await t.login({ inbox: three });
    await client.exchange(`
    C: o SELECT INBOX
    S: o OK ...
    C: a SEARCH RETURN (UPDATE COUNT) ALL
    S: * ESEARCH (TAG "a") COUNT 3
    S: a OK ...
    C: a SORT RETURN (UPDATE COUNT) (DATE) UTF-8 FLAGGED
    S: a BAD ...
    C: r SORT RETURN (UPDATE COUNT) (RELEVANCY) UTF-8 FUZZY SUBJECT one
    S: * ESEARCH (TAG "r") COUNT 1
    S: * NO [NOUPDATE "r"] ...
    S: r OK ...
  `);
    for (let i = 2; i <= 16; i++) await client.ok("SEARCH RETURN (UPDATE COUNT) ALL");
    await client.exchange(`
    C: b SEARCH RETURN (UPDATE COUNT) ALL
    S: * ESEARCH (TAG "b") COUNT 3
    S: * NO [NOUPDATE "b"] ...
    S: b OK ...
    C: c CANCELUPDATE "a" "b"
    S: c NO ...
    C: d CANCELUPDATE "a"
    S: d OK ...
    C: e SEARCH RETURN (UPDATE COUNT CONTEXT) ALL
    S: * ESEARCH (TAG "e") COUNT 3
    S: e OK ...
    C: f CANCELUPDATE e
    S: f BAD ...
    C: g CANCELUPDATE
    S: g BAD ...
    C: h UNSELECT
    S: h OK ...
    C: i CANCELUPDATE "e"
    S: i BAD ...
  `);
  },
);

protocolTest("message numbers and $ in an UPDATE stay what they were (RFC 5267 §4.3)", async (t) => {
  const client = await t.login({ inbox: three });
  await client.exchange(`
    C: o SELECT INBOX
    S: o OK ...
    C: a UID SEARCH RETURN (UPDATE COUNT) 2:* FLAGGED
    S: * ESEARCH (TAG "a") UID COUNT 0
    S: a OK ...
    C: b UID SEARCH RETURN (SAVE) UID 2
    S: b OK ...
    C: c UID SEARCH RETURN (UPDATE COUNT) $ FLAGGED
    S: * ESEARCH (TAG "c") UID COUNT 0
    S: c OK ...
    C: d UID SEARCH RETURN (SAVE) UID 1
    S: d OK ...
  `);
  await t.fill("INBOX", [{ text: mail("four"), flags: ["\\Flagged"] }]);
  await client.exchange(`
    C: n NOOP
    S: * 4 EXISTS
    S: * ... RECENT
    S: n OK ...
    C: s UID STORE 1,2,3 +FLAGS.SILENT (\\Flagged)
    S: * ESEARCH (TAG "a") UID ADDTO (0 2:3)
    S: * ESEARCH (TAG "c") UID ADDTO (0 2)
    S: s OK ...
  `);
});

protocolTest("UPDATE in IDLE, with the items asked for of new messages (RFC 5267 §4.3.2, RFC 5465 §7)", async (t) => {
  const client = await t.login({ inbox: three });
  await client.exchange(`
    C: o SELECT INBOX
    S: o OK ...
    C: a SEARCH RETURN (COUNT UPDATE (UID BODY[HEADER.FIELDS (SUBJECT)])) SUBJECT boss
    S: * ESEARCH (TAG "a") COUNT 0
    S: a OK ...
    C: i IDLE
    S: + idling
  `);
  await t.fill("INBOX", [mail("boss")]);
  await client.exchange(`
    S: * 4 EXISTS
    S: * ... RECENT
    S: * 4 FETCH (UID 4 BODY[HEADER.FIELDS (SUBJECT)] {...}
    S: Subject: boss
    S:
    S: )
    S: * ESEARCH (TAG "a") ADDTO (0 4)
    C: DONE
    S: i OK ...
  `);
});

protocolTest("UPDATE tells UIDs in a UIDONLY session with QRESYNC (RFC 5267, RFC 9586)", async (t) => {
  const client = await t.login({ inbox: three });
  await client.exchange(`
    C: o ENABLE UIDONLY QRESYNC
    S: o OK ...
    C: p SELECT INBOX
    S: p OK ...
    C: a UID SEARCH RETURN (UPDATE ALL) UNDELETED
    S: * ESEARCH (TAG "a") UID ALL 1:3
    S: a OK ...
    C: b UID STORE 2 +FLAGS.SILENT (\\Deleted)
    S: ...
    S: * ESEARCH (TAG "a") UID REMOVEFROM (0 2)
    S: b OK ...
    C: c UID SEARCH RETURN (UPDATE ALL) ALL
    S: * ESEARCH (TAG "c") UID ALL 1:3
    S: c OK ...
    C: d EXPUNGE
    S: * ESEARCH (TAG "c") UID REMOVEFROM (0 2)
    S: * VANISHED 2
    S: d OK ...
  `);
});

protocolTest("with NOTIFY, updates come without a command (RFC 5267 §4.3.2, RFC 5465)", async (t) => {
  const client = await t.login({ inbox: three });
  const other = await t.login();
  await other.ok("SELECT INBOX");
  await client.exchange(`
    C: o SELECT INBOX
    S: o OK ...
    C: n NOTIFY SET (SELECTED (MessageNew MessageExpunge FlagChange))
    S: n OK ...
    C: a UID SEARCH RETURN (UPDATE COUNT) FLAGGED
    S: * ESEARCH (TAG "a") UID COUNT 0
    S: a OK ...
  `);
  await other.ok("STORE 2 +FLAGS (\\Flagged)");
  await client.exchange(`
    S: * 2 FETCH ...
    S: * ESEARCH (TAG "a") UID ADDTO (0 2)
  `);
  await other.ok("STORE 2 +FLAGS.SILENT (\\Deleted)");
  await client.exchange("S: * 2 FETCH ...");
  await other.ok("EXPUNGE");
  await client.exchange(`
    S: * ESEARCH (TAG "a") UID REMOVEFROM (0 2)
    S: * 2 EXPUNGE
  `);
});
