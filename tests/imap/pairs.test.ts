/** A test for each row of server/imap/pairs.ts: extensions together. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { constants, createDeflateRaw, createInflateRaw } from "node:zlib";
import { PAIRS, pairTitle } from "../../server/imap/pairs.ts";
import type { ByteSink } from "../../server/net/bytes.ts";
import type { Transport } from "../../server/net/transport.ts";
import { sourceOf } from "../net/support.ts";
import { mail, protocolTest, TestClient, type TestServer } from "../support/protocol.ts";

const BOB = "bob@example.org";
const tested = new Set<string>();

function pair(first: string, second: string, run: (server: TestServer) => Promise<void>): void {
  const title = pairTitle({ first, second });
  tested.add(title);
  protocolTest(title, run);
  // These two end or begin DEFLATE themselves.
  if (first === "COMPRESS" || first === "UNAUTHENTICATE") return;
  protocolTest(`${title}, under COMPRESS`, async (t) => {
    const login = t.login.bind(t);
    t.login = async (options) => {
      const client = await compressed(await login(options));
      await client.ok("NOOP"); // takes the tag that LOGIN has otherwise
      return client;
    };
    await run(t);
  });
}

/** INBOX with that many messages, selected. */
async function inbox(t: TestServer, count: number, enable = ""): Promise<TestClient> {
  const subjects = Array.from({ length: count }, (_, at) => mail(`m${at + 1}`));
  const client = await t.login({ inbox: subjects });
  if (enable) await client.ok(`ENABLE ${enable}`);
  await client.ok("SELECT INBOX");
  return client;
}

async function refused(client: TestClient, command: string, answer: RegExp): Promise<void> {
  assert.match((await client.command(command)).at(-1) ?? "", answer, command);
}

const text = mail("new");
const literal = `{${text.length}+}\r\n${text}`;

pair("UIDONLY", "QRESYNC", async (t) => {
  const client = await inbox(t, 3, "UIDONLY QRESYNC IMAP4rev2");
  const validity = await t.uidvalidity("INBOX");
  const [{ highest }] = [
    /HIGHESTMODSEQ (?<highest>\d+)/.exec((await client.ok("STATUS INBOX (HIGHESTMODSEQ)"))[0])?.groups ?? {},
  ];
  await client.ok("UID STORE 1 +FLAGS (\\Flagged)");
  await client.ok("UID STORE 2 +FLAGS.SILENT (\\Deleted)");
  assert.deepEqual(await client.ok("UID EXPUNGE 2"), ["* VANISHED 2"]);
  await refused(client, `SELECT INBOX (QRESYNC (${validity} ${highest} 1:3 (1:3 1:3)))`, /^t\d+ BAD \[UIDREQUIRED\]/);
  const lines = await client.ok(`SELECT INBOX (QRESYNC (${validity} ${highest} 1:3))`);
  assert(lines.includes("* VANISHED (EARLIER) 2"), lines.join("\n"));
  assert(lines.some((line) => /^\* 1 UIDFETCH \(.*FLAGS \(\\Flagged\) MODSEQ \(\d+\)\)$/.test(line)), lines.join("\n"));
});

pair("UIDONLY", "CONDSTORE", async (t) => {
  const client = await inbox(t, 2, "CONDSTORE UIDONLY IMAP4rev2");
  const [line] = await client.ok("UID STORE 1 +FLAGS (\\Seen)");
  const modseq = /^\* 1 UIDFETCH \(.*MODSEQ \((\d+)\)\)$/.exec(line)?.[1];
  assert(modseq, line);
  const answer = await client.command(`UID STORE 1:2 (UNCHANGEDSINCE ${Number(modseq) - 1}) +FLAGS (\\Flagged)`);
  assert.match(answer.at(-1) ?? "", /^t\d+ OK \[MODIFIED 1\]/);
  assert(answer.some((untagged) => /^\* 2 UIDFETCH/.test(untagged)));
});

pair("UIDONLY", "NOTIFY", async (t) => {
  const client = await inbox(t, 2, "UIDONLY IMAP4rev2");
  await client.ok("NOTIFY SET (SELECTED (MessageNew (UID FLAGS) MessageExpunge FlagChange))");
  const other = await inbox(t, 0);
  await other.ok("STORE 2 +FLAGS (\\Flagged)");
  assert.match(await client.line(), /^\* 2 UIDFETCH \(.*FLAGS \(\\Flagged\)\)$/);
  await other.ok("STORE 1 +FLAGS.SILENT (\\Deleted)");
  assert.match(await client.line(), /^\* 1 UIDFETCH \(.*FLAGS \(\\Deleted\)\)$/);
  await other.ok("EXPUNGE");
  assert.equal(await client.line(), "* VANISHED 1");
  await t.fill("INBOX", [mail("more")]);
  assert.equal(await client.line(), "* 2 EXISTS");
  assert.match(await client.line(), /^\* 3 UIDFETCH \(.*FLAGS \(\)\)$/);
});

pair("UIDONLY", "SEARCHRES", async (t) => {
  const client = await inbox(t, 3, "UIDONLY IMAP4rev2");
  await client.ok("UID SEARCH RETURN (SAVE) UID 2:3");
  assert.deepEqual(await client.ok("UID STORE $ +FLAGS.SILENT (\\Flagged)"), []);
  assert.deepEqual(await client.ok("UID FETCH $ (FLAGS)"), [
    "* 2 UIDFETCH (FLAGS (\\Flagged))",
    "* 3 UIDFETCH (FLAGS (\\Flagged))",
  ]);
  await client.ok("UID MOVE $ Archive");
  assert.deepEqual(await client.ok("UID FETCH $ (FLAGS)"), []);
});

pair("UIDONLY", "MULTISEARCH", async (t) => {
  const client = await inbox(t, 2, "UIDONLY IMAP4rev2");
  await t.fill("Archive", [mail("m1"), mail("x"), mail("m1")]);
  const [here, there] = [await t.uidvalidity("INBOX"), await t.uidvalidity("Archive")];
  for (const command of ["ESEARCH", "UID ESEARCH"]) {
    const lines = (await client.ok(`${command} IN (personal) SUBJECT m1`)).sort();
    assert.equal(lines.length, 2, lines.join("\n"));
    assert.match(
      lines[0],
      new RegExp(`^\\* ESEARCH \\(TAG "t\\d+" MAILBOX Archive UIDVALIDITY ${there}\\) UID ALL 1,3$`),
    );
    assert.match(lines[1], new RegExp(`^\\* ESEARCH \\(TAG "t\\d+" MAILBOX INBOX UIDVALIDITY ${here}\\) UID ALL 1$`));
  }
  await refused(client, "ESEARCH IN (personal) 1:2", /^t\d+ BAD \[UIDREQUIRED\]/);
});

pair("UIDONLY", "CONTEXT", async (t) => {
  const client = await inbox(t, 3, "UIDONLY IMAP4rev2");
  const other = await inbox(t, 0);
  await client.ok("UID SEARCH RETURN (ALL UPDATE) UNDELETED");
  await other.ok("STORE 2 +FLAGS.SILENT (\\Deleted)");
  const changed = await client.ok("NOOP");
  assert(changed.some((line) => /^\* ESEARCH \(TAG "t4"\) UID REMOVEFROM \(0 2\)$/.test(line)), changed.join("\n"));
  await t.fill("INBOX", [mail("more")]);
  const added = await client.ok("NOOP");
  assert(added.some((line) => /^\* ESEARCH \(TAG "t4"\) UID ADDTO \(0 4\)$/.test(line)), added.join("\n"));
});

pair("UIDONLY", "PARTIAL", async (t) => {
  const client = await inbox(t, 5, "UIDONLY IMAP4rev2");
  await client.ok("UID STORE 2 +FLAGS.SILENT (\\Deleted)");
  await client.ok("EXPUNGE");
  assert.deepEqual(await client.ok("UID FETCH 1:* (FLAGS) (PARTIAL 2:3)"), [
    "* 3 UIDFETCH (FLAGS ())",
    "* 4 UIDFETCH (FLAGS ())",
  ]);
  const [line] = await client.ok("UID SEARCH RETURN (PARTIAL -1:-2) ALL");
  assert.match(line, /UID PARTIAL \(-1:-2 4:5\)$/);
});

pair("UIDONLY", "UIDBATCHES", async (t) => {
  const client = await t.login({ inbox: Array.from({ length: 1001 }, () => "x: y\r\n\r\n") });
  await client.ok("ENABLE UIDONLY IMAP4rev2");
  await client.ok("SELECT INBOX");
  const [line] = await client.ok("UIDBATCHES 500");
  const batches = /^\* UIDBATCHES \(TAG "t4"\) (\S+)$/.exec(line)?.[1].split(",") ?? [];
  assert.equal(batches.length, 3, line);
  assert.equal((await client.ok(`UID FETCH ${batches[0]} (FLAGS)`)).length, 500);
  assert.equal((await client.ok(`UID FETCH ${batches[2]} (FLAGS)`)).length, 1);
});

pair("UIDONLY", "REPLACE", async (t) => {
  const client = await inbox(t, 2, "UIDONLY IMAP4rev2");
  await client.exchange(`
    C: a REPLACE 1 INBOX {10}
    S: a BAD [UIDREQUIRED] ...
  `);
  const lines = await client.command(`UID REPLACE 1 INBOX ${literal}`);
  assert.match(lines[0], /^\* OK \[APPENDUID \d+ 3\]/);
  assert.deepEqual(lines.slice(1, 3), ["* VANISHED 1", "* 2 EXISTS"]);
});

pair("UIDONLY", "IMAP4rev1", async (t) => {
  await t.fill("INBOX", [mail("one")]);
  const client = await t.login();
  await client.ok("ENABLE UIDONLY");
  const lines = await client.ok("SELECT INBOX");
  assert(lines.includes("* 1 RECENT") && !lines.some((line) => line.includes("UNSEEN")), lines.join("\n"));
  assert.deepEqual(await client.ok("UID FETCH 1 (FLAGS)"), ["* 1 UIDFETCH (FLAGS (\\Recent))"]);
});

pair("SEARCHRES", "EXPUNGE", async (t) => {
  const client = await inbox(t, 4, "IMAP4rev2");
  const other = await inbox(t, 0);
  await client.ok("SEARCH RETURN (SAVE) 1:3");
  await other.ok("STORE 2 +FLAGS.SILENT (\\Deleted)");
  await other.ok("EXPUNGE");
  await client.ok("NOOP");
  assert.deepEqual(await client.ok("FETCH $ (UID)"), ["* 1 FETCH (UID 1)", "* 2 FETCH (UID 3)"]);
  await client.ok("STORE $ +FLAGS.SILENT (\\Deleted)");
  await client.ok("EXPUNGE");
  assert.deepEqual(await client.ok("FETCH $ (UID)"), []);
});

pair("SEARCHRES", "REPLACE", async (t) => {
  const client = await inbox(t, 3, "IMAP4rev2");
  await client.ok("SEARCH RETURN (SAVE) ALL");
  await client.ok(`REPLACE 2 INBOX ${literal}`);
  assert.deepEqual(await client.ok("UID SEARCH $"), [`* ESEARCH (TAG "t6") UID ALL 1,3`]);
});

pair("SEARCHRES", "MULTISEARCH", async (t) => {
  const client = await inbox(t, 3, "IMAP4rev2");
  await client.ok("SEARCH RETURN (SAVE) 2:3");
  await refused(client, "ESEARCH IN (personal) RETURN (SAVE) ALL", /^t\d+ BAD /);
  await refused(client, "ESEARCH IN (personal) UID $", /^t\d+ BAD /);
  const [line] = await client.ok("ESEARCH $");
  assert.match(line, / UID ALL 2:3$/);
  await client.ok("ESEARCH RETURN (SAVE) UID 1");
  assert.deepEqual(await client.ok("FETCH $ (UID)"), ["* 1 FETCH (UID 1)"]);
});

pair("SEARCHRES", "PARTIAL", async (t) => {
  const client = await inbox(t, 5, "IMAP4rev2");
  await client.ok("SEARCH RETURN (SAVE PARTIAL 2:3) ALL");
  assert.deepEqual(await client.ok("FETCH $ (UID)"), ["* 2 FETCH (UID 2)", "* 3 FETCH (UID 3)"]);
});

pair("ENABLE", "ENABLE", async (t) => {
  const words = ["QRESYNC", "UIDONLY", "IMAP4rev2", "UTF8=ACCEPT"];
  const orders = [[0, 1, 2, 3], [3, 2, 1, 0], [1, 3, 0, 2], [2, 0, 3, 1]];
  const seen = new Set<string>();
  await t.fill("INBOX", [mail("one"), mail("two")]);
  for (const together of [true, false]) {
    for (const order of orders) {
      const client = await t.login();
      const named = order.map((at) => words[at]);
      const enabled = together
        ? await client.ok(`ENABLE ${named.join(" ")}`)
        : (await each(named, (word) => client.ok(`ENABLE ${word}`))).flat();
      const turnedOn = enabled.flatMap((line) => line.split(" ").slice(2)).sort();
      const answers = [...await client.ok("SELECT INBOX"), ...await client.ok("UID FETCH 1:* (FLAGS)")];
      seen.add([...turnedOn.filter((word) => word !== "CONDSTORE"), ...answers].join("\n"));
      await client.ok("LOGOUT");
    }
  }
  assert.equal(seen.size, 1, [...seen].join("\n---\n"));
});

async function each<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (const item of items) results.push(await work(item));
  return results;
}

pair("QRESYNC", "REPLACE", async (t) => {
  const client = await inbox(t, 2, "QRESYNC IMAP4rev2");
  const lines = await client.command(`REPLACE 1 INBOX ${literal}`);
  assert.deepEqual(lines.slice(1, 3), ["* VANISHED 1", "* 2 EXISTS"]);
  const highest = /OK \[HIGHESTMODSEQ (\d+)\]/.exec(lines.at(-1) ?? "")?.[1];
  assert.deepEqual(await client.ok("STATUS INBOX (HIGHESTMODSEQ)"), [`* STATUS INBOX (HIGHESTMODSEQ ${highest})`]);
});

pair("QRESYNC", "NOTIFY", async (t) => {
  const client = await inbox(t, 2, "QRESYNC IMAP4rev2");
  await client.ok("NOTIFY SET (SELECTED (MessageNew MessageExpunge))");
  const other = await inbox(t, 0);
  await other.ok("STORE 1 +FLAGS.SILENT (\\Deleted)");
  await other.ok("EXPUNGE");
  assert.equal(await client.line(), "* VANISHED 1");
});

pair("CONDSTORE", "CONTEXT", async (t) => {
  const client = await inbox(t, 2, "CONDSTORE IMAP4rev2");
  const [status] = await client.ok("STATUS INBOX (HIGHESTMODSEQ)");
  const next = Number(/HIGHESTMODSEQ (\d+)/.exec(status)?.[1]) + 1;
  await client.ok(`UID SEARCH RETURN (ALL UPDATE) MODSEQ ${next}`);
  const lines = await client.ok("UID STORE 2 +FLAGS (\\Seen)");
  assert(lines.some((line) => line === '* ESEARCH (TAG "t5") UID ADDTO (0 2)'), lines.join("\n"));
});

pair("NOTIFY", "IDLE", async (t) => {
  const client = await inbox(t, 1, "IMAP4rev2");
  await client.ok("NOTIFY SET (SELECTED (MessageNew MessageExpunge)) (PERSONAL (MessageNew MessageExpunge))");
  await client.send("a IDLE\r\n");
  assert.match(await client.line(), /^\+ /);
  await t.fill("Archive", [mail("elsewhere")]);
  assert.match(await client.line(), /^\* STATUS Archive \(.*MESSAGES 1.*\)$/);
  await t.fill("INBOX", [mail("here")]);
  assert.equal(await client.line(), "* 2 EXISTS");
  await client.send("DONE\r\nb NOOP\r\n");
  assert.match(await client.line(), /^a OK/);
  assert.match(await client.line(), /^b OK/);
});

pair("NOTIFY", "ACL", async (t) => {
  const bob = await t.login({ address: BOB });
  const alice = await t.login();
  await alice.ok("CREATE Open");
  await alice.ok("CREATE Closed");
  await alice.ok(`SETACL Open ${BOB} lr`);
  await alice.ok(`SETACL Closed ${BOB} r`);
  await bob.ok("NOTIFY SET (SUBTREE Shared (MessageNew MessageExpunge MailboxName))");
  await t.fill("Closed", [mail("secret")]);
  await t.fill("Open", [mail("told")]);
  assert.match(await bob.line(), /^\* STATUS Shared\/alice@example\.org\/Open \(.*MESSAGES 1.*\)$/);
  assert.deepEqual(await bob.ok("NOOP"), []);
});

pair("NOTIFY", "REPLACE", async (t) => {
  const client = await inbox(t, 1, "IMAP4rev2");
  await t.fill("Drafts", [mail("draft")]);
  const watcher = await t.login();
  await watcher.ok("NOTIFY SET (PERSONAL (MessageNew MessageExpunge))");
  await client.ok("SELECT Drafts");
  await client.ok(`REPLACE 1 Drafts ${literal}`);
  assert.match(await watcher.line(), /^\* STATUS Drafts \(.*MESSAGES 1 .*UIDNEXT 3.*\)$/);
  assert.deepEqual(await watcher.ok("NOOP"), []);
});

pair("CONTEXT", "REPLACE", async (t) => {
  const client = await inbox(t, 2, "IMAP4rev2");
  await client.ok("UID SEARCH RETURN (ALL UPDATE) UNSEEN");
  const lines = await client.ok(`REPLACE 1 INBOX ${literal}`);
  assert(lines.includes('* ESEARCH (TAG "t4") UID REMOVEFROM (0 1)'), lines.join("\n"));
  assert(lines.includes('* ESEARCH (TAG "t4") UID ADDTO (0 3)'), lines.join("\n"));
});

pair("CATENATE", "ACL", async (t) => {
  const alice = await t.login();
  await t.fill("Open", [mail("open")]);
  await t.fill("Closed", [mail("closed")]);
  await alice.ok(`SETACL Open ${BOB} lr`);
  await alice.ok(`SETACL Closed ${BOB} l`);
  const bob = await t.login({ address: BOB });
  await bob.ok('APPEND INBOX CATENATE (URL "/Shared/alice@example.org/Open/;UID=1")');
  const answers = [];
  for (const name of ["Closed", "Missing"]) {
    const lines = await bob.command(`APPEND INBOX CATENATE (URL "/Shared/alice@example.org/${name}/;UID=1")`);
    answers.push((lines.at(-1) ?? "").replace(/^t\d+/, "t").replace(name, "%"));
  }
  assert.match(answers[0], /^t NO \[BADURL /);
  assert.equal(answers[0], answers[1]);
});

pair("CATENATE", "MULTIAPPEND", async (t) => {
  const client = await t.login({ inbox: [mail("one")] });
  const catenated = (uid: number) => `(\\Seen) CATENATE (TEXT {6+}\r\nA: b\r\n URL "/INBOX/;UID=${uid}")`;
  await refused(client, `APPEND Archive ${catenated(1)} ${literal} ${catenated(9)}`, / NO \[BADURL /);
  assert.deepEqual(await client.ok("STATUS Archive (MESSAGES UIDNEXT)"), ["* STATUS Archive (MESSAGES 0 UIDNEXT 1)"]);
  await refused(
    client,
    `APPEND Archive ${catenated(1)} (\\Flagged) ${literal} ${catenated(1)}`,
    / OK \[APPENDUID \d+ 1:3\]/,
  );
});

pair("CATENATE", "UTF8=ACCEPT", async (t) => {
  await t.fill("Entwürfe", [mail("one")]);
  const client = await t.login();
  const url = '"/Entw%C3%BCrfe/;UID=1"';
  await client.ok(`APPEND INBOX CATENATE (URL ${url})`);
  await client.ok("ENABLE UTF8=ACCEPT");
  await client.ok(`APPEND INBOX CATENATE (URL ${url})`);
  assert.deepEqual(await client.ok("STATUS INBOX (MESSAGES)"), ["* STATUS INBOX (MESSAGES 2)"]);
});

pair("REPLACE", "QUOTA", async (t) => {
  const { id } = await t.account();
  await t.store.directory.setQuota(id, { bytes: 0, messages: 2 });
  const client = await inbox(t, 2);
  await refused(client, `APPEND INBOX ${literal}`, / NO \[OVERQUOTA\]/);
  await client.ok(`REPLACE 2 INBOX ${literal}`);
  assert.deepEqual(await client.ok('GETQUOTA ""'), ['* QUOTA "" (MESSAGE 2 2)']);
});

pair("REPLACE", "ACL", async (t) => {
  const alice = await t.login();
  const bob = await t.login({ address: BOB });
  await t.fill("Box", [mail("one"), mail("two")]);
  const box = "Shared/alice@example.org/Box";
  for (const rights of ["lrie", "lrit", "lrte", "lrites"]) {
    await alice.ok(`SETACL Box ${BOB} ${rights}`);
    await bob.ok(`SELECT ${box}`);
    const answer = rights === "lrites" ? / OK / : / NO \[NOPERM\]/;
    await refused(bob, `REPLACE 1 ${box} (\\Seen \\Flagged) ${literal}`, answer);
  }
  // Without `w` \Flagged was left out.
  assert.match((await bob.ok("UID FETCH 3 (FLAGS)"))[0], /FLAGS \(\\Seen( \\Recent)?\)/);
  await bob.ok(`UID REPLACE 2 INBOX ${literal}`);
  assert.deepEqual(await bob.ok("STATUS INBOX (MESSAGES)"), ["* STATUS INBOX (MESSAGES 1)"]);
  assert.deepEqual(await alice.ok("STATUS Box (MESSAGES)"), ["* STATUS Box (MESSAGES 1)"]);
});

pair("METADATA", "ACL", async (t) => {
  const alice = await t.login();
  await alice.ok("CREATE Box");
  await alice.ok('SETMETADATA Box (/shared/comment "hidden")');
  await alice.ok(`SETACL Box ${BOB} r`);
  const bob = await t.login({ address: BOB });
  await refused(bob, "GETMETADATA Shared/alice@example.org/Box /shared/comment", / NO \[NONEXISTENT\]/);
  await alice.ok(`SETACL Box ${BOB} lr`);
  const lines = await bob.ok("GETMETADATA Shared/alice@example.org/Box /shared/comment");
  assert.match(lines.join("\n"), /hidden/);
});

pair("MULTISEARCH", "UTF8=ACCEPT", async (t) => {
  await t.fill("Entwürfe", [mail("needle")]);
  const client = await t.login();
  const validity = await t.uidvalidity("Entwürfe");
  const answer = (name: string) =>
    new RegExp(`^\\* ESEARCH \\(TAG "t\\d+" MAILBOX ${name} UIDVALIDITY ${validity}\\) UID ALL 1$`);
  assert.match((await client.ok("ESEARCH IN (personal) SUBJECT needle"))[0], answer("Entw&APw-rfe"));
  await client.ok("ENABLE UTF8=ACCEPT");
  const [line] = await client.ok("ESEARCH IN (personal) SUBJECT needle");
  assert.match(Buffer.from(line, "latin1").toString(), answer('"?Entwürfe"?'));
});

pair("MULTISEARCH", "ACL", async (t) => {
  const alice = await t.login();
  for (const name of ["Open", "Listed", "Closed"]) await t.fill(name, [mail("needle")]);
  await alice.ok(`SETACL Open ${BOB} lr`);
  await alice.ok(`SETACL Listed ${BOB} l`);
  await alice.ok(`SETACL Closed ${BOB} r`);
  const bob = await t.login({ address: BOB });
  const lines = await bob.ok("ESEARCH IN (subtree Shared) SUBJECT needle");
  assert.equal(lines.length, 1, lines.join("\n"));
  assert.match(lines[0], /MAILBOX Shared\/alice@example\.org\/Open /);
});

/** The client's side of DEFLATE over a connection that was told OK. */
async function compressed(plain: TestClient): Promise<TestClient> {
  await plain.ok("COMPRESS DEFLATE");
  const deflate = createDeflateRaw();
  const inflate = createInflateRaw({ finishFlush: constants.Z_SYNC_FLUSH });
  const readable = new ReadableStream<Uint8Array>({
    start(controller) {
      inflate.on("data", (chunk: Uint8Array) => controller.enqueue(new Uint8Array(chunk)));
    },
  });
  void (async () => {
    try {
      for (let chunk = await plain.bytes(); chunk.length > 0; chunk = await plain.bytes()) inflate.write(chunk);
    } catch {
      // The server is gone: the test is over.
    }
  })();
  const writable: ByteSink = {
    async close() {},
    abort() {},
    async write(chunk) {
      const parts: Uint8Array[] = [];
      const collect = (part: Uint8Array) => parts.push(part);
      deflate.on("data", collect);
      deflate.write(chunk);
      await new Promise<void>((done) => deflate.flush(constants.Z_SYNC_FLUSH, () => done()));
      deflate.off("data", collect);
      await plain.send(Buffer.concat(parts));
    },
  };
  const transport: Transport = { readable: sourceOf(readable), writable, remote: "", secure: false, abort() {} };
  return new TestClient(transport);
}

pair("COMPRESS", "CATENATE", async (t) => {
  const client = await compressed(await t.login({ inbox: [mail("one", "x".repeat(300_000))] }));
  await client.exchange(`
    C: a APPEND INBOX CATENATE (TEXT {6}
    S: + ...
    C: A: b
    C:  URL "/INBOX/;UID=1")
    S: a OK [APPENDUID ... 2] ...
  `);
  await client.ok("SELECT INBOX");
  const lines = await client.ok("FETCH 2 BODY.PEEK[HEADER.FIELDS (A)]");
  assert(lines.includes("A: b"), lines.join("\n"));
});

pair("COMPRESS", "NOTIFY", async (t) => {
  const client = await compressed(await t.login());
  await client.ok("ENABLE IMAP4rev2");
  await client.ok("SELECT INBOX");
  await client.ok("NOTIFY SET (SELECTED (MessageNew MessageExpunge))");
  await t.fill("INBOX", [mail("one")]);
  assert.equal(await client.line(), "* 1 EXISTS");
});

pair("COMPRESS", "UIDONLY", async (t) => {
  const client = await compressed(await t.login({ inbox: [mail("one")] }));
  await client.ok("ENABLE UIDONLY IMAP4rev2");
  await client.ok("SELECT INBOX");
  assert.deepEqual(await client.ok("UID FETCH 1:* (FLAGS)"), ["* 1 UIDFETCH (FLAGS ())"]);
  await client.ok("UID STORE 1 +FLAGS.SILENT (\\Deleted)");
  assert.deepEqual(await client.ok("EXPUNGE"), ["* VANISHED 1"]);
});

pair("UNAUTHENTICATE", "COMPRESS", async (t) => {
  const plain = await t.login();
  await plain.ok("COMPRESS DEFLATE");
  const deflate = createDeflateRaw();
  const parts: Uint8Array[] = [];
  deflate.on("data", (part: Uint8Array) => parts.push(part));
  deflate.write("a UNAUTHENTICATE\r\n");
  await new Promise<void>((done) => deflate.flush(constants.Z_SYNC_FLUSH, () => done()));
  await plain.send(Buffer.concat(parts));
  await plain.bytes(); // its OK, compressed
  await plain.ok("LOGIN alice@example.org secret");
  assert.match((await plain.ok("CAPABILITY"))[0], /COMPRESS=DEFLATE/);
});

pair("UNAUTHENTICATE", "NOTIFY", async (t) => {
  await t.account(BOB);
  const client = await t.login();
  await client.ok("NOTIFY SET (PERSONAL (MessageNew MessageExpunge MailboxName))");
  await client.ok("UNAUTHENTICATE");
  await t.fill("INBOX", [mail("one")]);
  await client.ok(`LOGIN ${BOB} secret`);
  await t.fill("INBOX", [mail("two")]);
  await t.fill("INBOX", [mail("mine")], BOB);
  assert.deepEqual(await client.ok("NOOP"), []);
});

pair("UNAUTHENTICATE", "UIDONLY", async (t) => {
  const client = await inbox(t, 1, "UIDONLY IMAP4rev2");
  await client.ok("UNAUTHENTICATE");
  await client.ok("LOGIN alice@example.org secret");
  await client.ok("ENABLE IMAP4rev2");
  await client.ok("SELECT INBOX");
  assert.deepEqual(await client.ok("FETCH 1 (FLAGS)"), ["* 1 FETCH (FLAGS ())"]);
});

pair("UNAUTHENTICATE", "CONTEXT", async (t) => {
  const client = await inbox(t, 1, "IMAP4rev2");
  await client.ok("UID SEARCH RETURN (ALL UPDATE) ALL");
  await client.ok("UNAUTHENTICATE");
  await client.ok("LOGIN alice@example.org secret");
  await client.ok("SELECT INBOX");
  await t.fill("INBOX", [mail("two")]);
  assert(!(await client.ok("NOOP")).some((line) => line.startsWith("* ESEARCH")));
});

Deno.test("each pair of the table has its test, and each test its pair", () => {
  assert.deepEqual([...tested].sort(), PAIRS.map(pairTitle).sort());
});
