/** Small commands that ask for much work: patterns, nests, sets and lists. Each answer comes soon, and other sessions get theirs. */
import assert from "node:assert/strict";
import { mail, protocolTest, type TestClient, type TestServer } from "../support/protocol.ts";
import { literal, survived, within } from "./support.ts";

const many = (count: number, piece: (at: number) => string, between = " ") =>
  Array.from({ length: count }, (_, at) => piece(at)).join(between);
const repeated = (count: number, piece: string) => piece.repeat(count);

/** Mailboxes whose names are as long as names can be, all of one letter. */
async function longNames(t: TestServer): Promise<TestClient> {
  const client = await t.login();
  const store = await t.mail();
  for (let count = 0; count < 25; count++) {
    await store.createMailbox(`${"a".repeat(900)}${"ab".repeat(20)}${count}` as never);
  }
  return client;
}

protocolTest("LIST patterns of thousands of wildcards against names as long as can be", async (t) => {
  const client = await longNames(t);
  const patterns = [
    "*%".repeat(30_000),
    "%*".repeat(30_000) + "x",
    "*a".repeat(30_000),
    "%a".repeat(30_000),
    "*a".repeat(480) + "*c",
    "%a".repeat(480) + "%c",
    "*a%".repeat(300) + "c",
    "*%a".repeat(450) + "*",
    "a*".repeat(470) + "b",
    "%/".repeat(30_000),
    "*aaaaaaaab".repeat(90),
    "a".repeat(60_000),
  ];
  await within({ seconds: 25, mib: 128 }, async () => {
    for (const pattern of patterns) {
      for (const command of ["LIST", "LSUB", "XLIST"]) {
        assert.match(await survived(client, `${command} "" "${pattern}"`), /^x OK/, pattern.slice(0, 20));
      }
    }
  });
});

protocolTest("many patterns in one LIST, many references, and patterns in literals (RFC 5258 §3)", async (t) => {
  const client = await longNames(t);
  await within({ seconds: 25, mib: 128 }, async () => {
    const commands = [
      `LIST "" (${many(30_000, () => "*")})`,
      `LIST "" (${many(10_000, (at) => `a*${at}`)})`,
      `LIST "" (${many(120, (at) => `${repeated(200, "*a")}${at}`)})`,
      `LIST (SUBSCRIBED RECURSIVEMATCH) "" (${many(10_000, (at) => `%a*${at}`)}) RETURN (CHILDREN SUBSCRIBED)`,
      `LIST "" ${literal(repeated(50_000, "*a"))}`,
      `LIST ${literal(repeated(50_000, "*a"))} ${literal(repeated(50_000, "%a"))}`,
      `LIST (${many(5000, () => "SUBSCRIBED")}) "" *`,
      `LIST "" * RETURN (${many(5000, () => "CHILDREN")})`,
      `LIST "" * RETURN (${many(3000, () => "STATUS (MESSAGES)")})`,
    ];
    for (const command of commands) {
      assert.match(await survived(client, command), /^x (?:OK|NO|BAD)/, command.slice(0, 40));
    }
  });
});

protocolTest("other sessions are answered while a LIST looks for a pattern that fits nothing", async (t) => {
  const client = await longNames(t);
  const other = await t.login();
  await client.send(`a LIST "" (${many(60, (at) => `${repeated(450, "*a")}${at}`)})\r\n`);
  let listing = true;
  const listed = client.answer("a").then(() => listing = false);
  for (let answered = 0; answered < 10; answered++) {
    await other.ok("NOOP");
    assert(listing, `LIST was faster than ${answered} NOOPs of another session`);
  }
  await listed;
});

protocolTest("SEARCH: nests, chains and 10,000 keys within the line limit (RFC 9051 §6.4.4)", async (t) => {
  const client = await t.login({ inbox: Array.from({ length: 200 }, (_, at) => mail(`subject ${at}`)) });
  await client.ok("SELECT INBOX");
  await within({ seconds: 25, mib: 192 }, async () => {
    const refused = [
      `${repeated(10_000, "NOT ")}SEEN`,
      `${repeated(8000, "OR SEEN ")}SEEN`,
      `${repeated(8000, "OR ")}${repeated(8001, "SEEN ")}`,
      `${repeated(30_000, "(")}SEEN`,
      `${repeated(30_000, "(")}SEEN${repeated(30_000, ")")}`,
      `${repeated(10_000, "FUZZY ")}SEEN`,
      `${repeated(10_000, "NOT (")}`,
    ];
    for (const keys of refused) assert.match(await survived(client, `SEARCH ${keys}`), /^x BAD /, keys.slice(0, 20));
    const done = [
      many(10_000, () => "SEEN"),
      many(10_000, () => "TO b"),
      many(6000, (at) => `TO x${at % 100}`),
      many(4000, (at) => `BODY x${at}`),
      many(2500, (at) => `OR TO x${at % 9} BODY y`),
      many(2000, (at) => `OR NOT TEXT x${at} SEEN`),
      many(8000, () => "1:200"),
      many(6000, (at) => `UID ${at + 1}`),
      many(4000, (at) => `KEYWORD k${at}`),
      many(2500, (at) => `NOT HEADER X-${at} ""`),
      many(2500, (at) => `NOT HEADER X-${at} a`),
      many(1000, (at) => `NOT TEXT ${literal(`x${at}`)}`),
      many(2500, () => "SENTBEFORE 1-Jan-2099"),
    ];
    for (const keys of done) assert.match(await survived(client, `SEARCH ${keys}`), /^x OK/, keys.slice(0, 30));
  });
});

protocolTest("SEARCH for text that nearly occurs everywhere takes linear time", async (t) => {
  const client = await t.login({ inbox: [mail("a".repeat(200_000), "a".repeat(1_000_000))] });
  await client.ok("SELECT INBOX");
  await within({ seconds: 10, mib: 128 }, async () => {
    const needle = `${"a".repeat(50_000)}b`;
    for (const key of ["TEXT", "BODY", "SUBJECT", "HEADER Subject", "FUZZY TEXT", "FUZZY SUBJECT"]) {
      assert.match(await survived(client, `SEARCH ${key} ${literal(needle)}`), /^x OK/, key);
      assert.match(await survived(client, `SEARCH ${key} ${literal("ab".repeat(40_000))}`), /^x OK/, key);
      assert.match(await survived(client, `SEARCH ${key} ${literal("*".repeat(60_000))}`), /^x OK/, key);
    }
  });
});

protocolTest("sequence sets of 60 KB in every command that has one", async (t) => {
  const client = await t.login({ inbox: Array.from({ length: 50 }, (_, at) => mail(`${at}`)) });
  await client.ok("ENABLE QRESYNC");
  await client.ok("SELECT INBOX");
  const sets = [
    many(12_000, (at) => `${at + 1}`, ","),
    many(15_000, () => "1:*", ","),
    many(15_000, () => "*:1", ","),
    many(30_000, () => "*", ","),
    many(9000, (at) => `${60_000 - at * 2}`, ","),
    many(2700, (at) => `${4294967295 - at * 2}:${at * 2 + 1}`, ","),
  ];
  await within({ seconds: 20, mib: 128 }, async () => {
    for (const set of sets) {
      for (
        const command of [
          `UID FETCH ${set} (UID)`,
          `UID SEARCH UID ${set}`,
          `UID STORE ${set} +FLAGS.SILENT (a)`,
          `UID COPY ${set} Archive`,
          `UID FETCH ${set} (FLAGS) (CHANGEDSINCE 1 VANISHED)`,
          `UID EXPUNGE ${set}`,
          `UID SEARCH RETURN (SAVE) UID ${set}`,
        ]
      ) assert.match(await survived(client, command), /^x OK/, command.slice(0, 40));
      for (const command of [`FETCH ${set} UID`, `SEARCH ${set}`, `STORE ${set} +FLAGS.SILENT (b)`]) {
        assert.match(await survived(client, command), /^x (?:OK|NO|BAD)/, command.slice(0, 40));
      }
      const validity = await t.uidvalidity("INBOX");
      const resync = `SELECT INBOX (QRESYNC (${validity} 1 ${set.replaceAll("*", "9")} (1,2,3 4,5,6)))`;
      assert.match(await survived(client, resync), /^x (?:OK|BAD)/);
      await client.ok("SELECT INBOX");
    }
  });
});

protocolTest("FETCH with thousands of items, and header field lists of 10,000 names", async (t) => {
  const body = "x".repeat(100_000);
  const client = await t.login({ inbox: [mail("one", body), mail("two", body)] });
  await client.ok("SELECT INBOX");
  await within({ seconds: 25, mib: 192 }, async () => {
    const commands = [
      `FETCH 1:* (${many(8000, () => "BODY[]")})`,
      `FETCH 1:* (${many(2500, (at) => `BODY.PEEK[]<${at}.100>`)})`,
      `FETCH 1:* (${many(4000, () => "ENVELOPE")})`,
      `FETCH 1:* (${many(4000, () => "BODYSTRUCTURE")})`,
      `FETCH 1:* (${many(4000, () => "BINARY.SIZE[1]")})`,
      `FETCH 1:* (${many(6000, () => "PREVIEW")})`,
      `FETCH 1:* (${many(10_000, () => "FLAGS")})`,
      `FETCH 1:* BODY.PEEK[HEADER.FIELDS (${many(10_000, (at) => `x${at}`)})]`,
      `FETCH 1:* BODY.PEEK[HEADER.FIELDS.NOT (${many(10_000, (at) => `x${at}`)})]`,
      `FETCH 1:* (${many(1500, (at) => `BODY.PEEK[HEADER.FIELDS (x${at} Subject)]`)})`,
      `FETCH 1:* BODY.PEEK[${many(10_000, () => "1", ".")}]`,
      `FETCH 1:* BODY.PEEK[${many(10_000, () => "1", ".")}.MIME]`,
      `FETCH 1:* BINARY.PEEK[${many(5_000, () => "4294967295", ".")}]`,
    ];
    for (const command of commands) {
      await client.send(`a ${command}\r\n`);
      // Read as it comes and forgotten: some of these answers are large.
      for (let end = ""; !/\r\na (?:OK|NO|BAD) [^\r]*\r\n$/.test("\r\n" + end);) {
        const bytes = await client.bytes();
        assert(bytes.length > 0, command.slice(0, 40));
        end = (end + new TextDecoder("latin1").decode(bytes.subarray(-400))).slice(-400);
        assert.doesNotMatch(end, /SERVERBUG/);
      }
      await client.ok("NOOP");
    }
  });
});

protocolTest("thousands of words where a list may stand", async (t) => {
  const client = await t.login({ inbox: [mail("one"), mail("two")] });
  await client.ok("SELECT INBOX");
  await within({ seconds: 30, mib: 192 }, async () => {
    const commands = [
      `STATUS INBOX (${many(7000, () => "MESSAGES")})`,
      `NOTIFY SET (MAILBOXES (${many(10_000, (at) => `m${at}`)}) (MessageNew MessageExpunge))`,
      `NOTIFY SET (SUBTREE (${many(10_000, () => "INBOX")}) (MessageNew MessageExpunge))`,
      `NOTIFY SET ${many(1500, (at) => `(MAILBOXES m${at} (MessageNew MessageExpunge))`)}`,
      `NOTIFY SET (SELECTED (MessageNew (${many(5000, () => "BODY[]")}) MessageExpunge))`,
      `NOTIFY SET (PERSONAL (${many(5000, () => "MailboxName")}))`,
      "NOTIFY NONE",
      `GETMETADATA INBOX (${many(6000, (at) => `/private/a${at}`)})`,
      `GETMETADATA (DEPTH infinity) INBOX (${many(6000, () => "/private/a")})`,
      `SETMETADATA INBOX (${many(3500, (at) => `/private/a${at} NIL`)})`,
      `SETMETADATA INBOX (${many(2500, (at) => `/private/a${at} "x"`)})`,
      `SETMETADATA "" (/private${repeated(20_000, "/a")} "x")`,
      `SORT (${many(6000, () => "REVERSE DATE")}) UTF-8 ALL`,
      `SORT (${many(10_000, () => "SIZE")}) UTF-8 ALL`,
      `SORT RETURN (${many(10_000, () => "MIN")}) (SIZE) UTF-8 ALL`,
      `THREAD REFERENCES UTF-8 ${repeated(10_000, "(")}ALL`,
      `SEARCH RETURN (${many(10_000, () => "MIN")}) ALL`,
      `SEARCH RETURN (${many(2500, () => "PARTIAL 1:10")}) ALL`,
      `SEARCH CHARSET ${"x".repeat(60_000)} ALL`,
      `ESEARCH IN (mailboxes (${many(10_000, () => "INBOX")})) ALL`,
      `ESEARCH IN (mailboxes (${many(8000, (at) => `m${at}`)})) ALL`,
      `ESEARCH IN (${many(4000, () => "subtree INBOX")}) ALL`,
      `ESEARCH IN (${many(6000, () => "personal")}) ALL`,
      `LANGUAGE ${many(10_000, (at) => `de-x${at}`)}`,
      `LANGUAGE ${repeated(30_000, "x-")}y`,
      `LANGUAGE "${repeated(30_000, "-")}"`,
      `COMPARATOR ${many(5000, (at) => `"i;c${at}"`)}`,
      `COMPARATOR ${many(5000, () => '"*"')}`,
      `COMPARATOR "${repeated(30_000, "*")}x"`,
      `COMPARATOR "${repeated(30_000, "i;*")}"`,
      `ID (${many(5000, (at) => `"n${at}" "v"`)})`,
      `ID ("name" "${repeated(60_000, "x")}")`,
      `ENABLE ${many(10_000, (at) => `A${at}`)}`,
      `STORE 1 +FLAGS (${many(10_000, (at) => `k${at}`)})`,
      `STORE 1 +FLAGS (${many(8000, () => "\\Seen")})`,
      `CREATE ${repeated(30_000, "a/")}b`,
      `SETACL INBOX bob@example.org ${repeated(60_000, "l")}`,
      `SETACL INBOX ${repeated(60_000, "a")} l`,
      `SETQUOTA "" (${many(4000, () => "STORAGE 1")})`,
      `CANCELUPDATE ${many(8000, () => '"a"')}`,
      `UNKNOWN ${repeated(60_000, "x")}`,
    ];
    for (const command of commands) {
      assert.match(await survived(client, command), /^x (?:OK|NO|BAD)/, command.slice(0, 40));
    }
  });
}, { config: { limits: { badCommands: 1000 } } });

protocolTest("ID before login as often as one likes", async (t) => {
  const client = await t.connect();
  await within({ seconds: 6, mib: 64 }, async () => {
    const fields = many(30, (at) => `"f${at}" "${"v".repeat(200)}"`);
    for (let count = 0; count < 2000; count++) await client.ok(`ID (${fields})`);
  });
});

protocolTest("CATENATE of a thousand parts and of URLs that grow what they name (RFC 4469)", async (t) => {
  const client = await t.login({ inbox: [mail("one", "x".repeat(90_000))] });
  await client.ok("SELECT INBOX");
  await within({ seconds: 20, mib: 192 }, async () => {
    const parts = many(1000, () => `TEXT ${literal("x\r\n")}`);
    assert.match(await survived(client, `APPEND INBOX CATENATE (${parts})`), /^x OK/);
    const urls = many(2000, () => 'URL "/INBOX/;UID=1"');
    assert.match(await survived(client, `APPEND INBOX CATENATE (${urls})`), /^x NO \[TOOBIG\]/);
    const slices = many(1000, (at) => `URL "/INBOX/;UID=1/;PARTIAL=${at}.1"`);
    assert.match(await survived(client, `APPEND INBOX CATENATE (${slices})`), /^x OK/);
    const missing = many(2000, (at) => `URL "/INBOX/;UID=${at + 10}"`);
    assert.match(await survived(client, `APPEND INBOX CATENATE (${missing})`), /^x NO \[BADURL/);
    for (const url of ["/".repeat(50_000), ";".repeat(50_000), "%41".repeat(20_000), ";UID=1/".repeat(8000)]) {
      assert.match(await survived(client, `APPEND INBOX CATENATE (URL ${literal(url)})`), /^x NO \[BADURL/);
    }
  });
}, { config: { limits: { messageSize: 2 * 1024 * 1024 } } });

protocolTest("stored filters that name each other cannot grow without bound (RFC 5466 §3.1)", async (t) => {
  const client = await t.login({ inbox: [mail("one")] });
  await client.ok("SELECT INBOX");
  for (let level = 0; level < 20; level++) {
    const next = many(10, () => `FILTER f${level + 1}`);
    await client.ok(`SETMETADATA "" (/private/filters/values/f${level} "${next}")`);
  }
  await client.ok('SETMETADATA "" (/private/filters/values/f20 "SEEN" /private/filters/values/loop "FILTER loop")');
  await within({ seconds: 5, mib: 64 }, async () => {
    assert.match(await survived(client, "SEARCH FILTER f0"), /^x NO /);
    assert.match(await survived(client, "SEARCH FILTER loop"), /^x NO /);
  });
});
