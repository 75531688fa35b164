/**
 * One account asks about what is another's. What it may not see is in no way different from what does not exist: the same answers,
 * and nothing of the other's database is opened to find out.
 */
import assert from "node:assert/strict";
import { Rights } from "../../store/rights.ts";
import { mail, protocolTest, type TestClient, type TestServer } from "../support/protocol.ts";
import { literal } from "./support.ts";

const BOB = "bob@example.org";
const SECRET = "treasure-map";

/** Bob has mail, annotations, filters and mailboxes; Alice is the stranger. */
async function worlds(t: TestServer): Promise<{ alice: TestClient; bob: TestClient }> {
  await t.fill("INBOX", [mail("one")], "alice@example.org");
  await t.fill("INBOX", [mail(SECRET, `${SECRET}\r\n`)], BOB);
  await t.fill(SECRET, [mail(SECRET)], BOB);
  const bob = await t.login({ address: BOB });
  await bob.ok(`SETMETADATA INBOX (/shared/comment "${SECRET}" /private/comment "${SECRET}")`);
  await bob.ok(`SETMETADATA "" (/private/filters/values/mine "SUBJECT ${SECRET}" /private/comment "${SECRET}")`);
  const alice = await t.login();
  await alice.ok("ENABLE IMAP4rev2");
  await alice.ok("SELECT INBOX");
  return { alice, bob };
}

/** As `command`, in INBOX whatever was selected before. */
async function asked(client: TestClient, command: string): Promise<string[]> {
  await client.ok("SELECT INBOX");
  return await client.command(command);
}

/** An answer with what the question itself named taken out. */
function told(lines: readonly string[], ...names: readonly string[]): string {
  let text = lines.join("\n").replace(/^\S+ (OK|NO|BAD)/m, "$1").replace(/(^|\n)t\d+ /g, "$1");
  for (const name of names) text = text.replaceAll(name, "<name>");
  return text;
}

const COMMANDS = [
  "SELECT %s",
  "EXAMINE %s",
  "STATUS %s (MESSAGES UIDNEXT MAILBOXID SIZE)",
  "CREATE %s",
  "CREATE %s/below",
  "DELETE %s",
  "RENAME %s mine",
  "RENAME Archive %s",
  "SUBSCRIBE %s",
  "UNSUBSCRIBE %s",
  'LIST "" %s',
  'LIST (SUBSCRIBED) "" %s',
  'LIST "" %s RETURN (STATUS (MESSAGES) MYRIGHTS)',
  'LSUB "" %s',
  `APPEND %s ${literal(mail("x"))}`,
  "COPY 1 %s",
  "MOVE 1 %s",
  `UID REPLACE 1 %s ${literal(mail("x"))}`,
  "GETACL %s",
  "SETACL %s alice@example.org lrswi",
  "DELETEACL %s alice@example.org",
  "LISTRIGHTS %s alice@example.org",
  "MYRIGHTS %s",
  "GETQUOTAROOT %s",
  "GETMETADATA %s /shared/comment",
  "GETMETADATA (DEPTH infinity) %s /private",
  'SETMETADATA %s (/shared/comment "x")',
  "ESEARCH IN (mailboxes %s) ALL",
  "ESEARCH IN (subtree %s) ALL",
  "ESEARCH IN (subtree-one %s) TEXT treasure",
  "NOTIFY SET STATUS (mailboxes %s (MessageNew MessageExpunge))",
  "NOTIFY SET STATUS (subtree %s (MessageNew MessageExpunge MailboxName))",
  "NOTIFY NONE",
];

protocolTest(
  "another's mailboxes answer as those that do not exist, in every command that has a name (RFC 4314 §6)",
  async (t) => {
    const { alice } = await worlds(t);
    const theirs = [`Shared/${BOB}/INBOX`, `Shared/${BOB}/${SECRET}`];
    for (const command of COMMANDS) {
      for (const name of theirs) {
        const nowhere = [`Shared/${BOB}/nowhere-here`, "Shared/nobody@example.org/INBOX"];
        const answer = told(await asked(alice, command.replace("%s", name)), name);
        assert.doesNotMatch(answer, new RegExp(SECRET), command);
        for (const none of nowhere) {
          assert.equal(
            answer,
            told(await asked(alice, command.replace("%s", none)), none),
            `${command} ${name} ${none}`,
          );
        }
      }
    }
    // Nothing of it came to Bob.
    const bob = await t.login({ address: BOB });
    assert.deepEqual(await bob.ok("STATUS INBOX (MESSAGES)"), ["* STATUS INBOX (MESSAGES 1)"]);
    assert.deepEqual(await bob.ok('LIST "" *below*'), []);
  },
);

protocolTest("the database of an account that shares nothing is not opened for a stranger's questions", async (t) => {
  const { alice } = await worlds(t);
  const asked: string[] = [];
  const owner = (await t.account(BOB)).id;
  const { store } = t;
  const mailFor = store.mailFor.bind(store);
  store.mailFor = (account, reader) => {
    if (account === owner && reader !== owner) asked.push("opened");
    return mailFor(account, reader);
  };
  for (const command of COMMANDS) await alice.command(command.replace("%s", `Shared/${BOB}/INBOX`));
  await alice.ok("SELECT INBOX");
  await alice.command(`APPEND INBOX CATENATE (URL "/Shared/${BOB}/INBOX/;UID=1")`);
  assert.deepEqual(asked, [], "the time that it took would tell whether there is one");
});

protocolTest("URLs of another's messages are BADURL, whatever they name there (RFC 4469 §3)", async (t) => {
  const { alice } = await worlds(t);
  const validity = await t.uidvalidity("INBOX", BOB);
  const urls = [
    `/Shared/${BOB}/INBOX/;UID=1`,
    `/Shared/bob%40example.org/INBOX/;UID=1`,
    `/Shared/${BOB}/INBOX;UIDVALIDITY=${validity}/;UID=1`,
    `/Shared/${BOB}/INBOX/;UID=1/;SECTION=HEADER`,
    `/Shared/${BOB}/INBOX/;UID=1/;PARTIAL=0.10`,
    `/Shared/${BOB}/INBOX/;UID=99`,
    `/Shared/nobody@example.org/INBOX/;UID=1`,
    `/../${BOB}/INBOX/;UID=1`,
    `/%2e%2e/INBOX/;UID=1`,
    `imap://${BOB}@localhost/INBOX/;UID=1`,
    `//localhost/INBOX/;UID=1`,
    `/~bob/INBOX/;UID=1`,
    `file:///etc/passwd`,
  ];
  for (const url of urls) {
    const [answer] = await alice.command(`APPEND INBOX CATENATE (URL ${literal(url)})`);
    assert.match(answer, /^\S+ NO \[BADURL /, url);
  }
  assert.deepEqual(await alice.ok("STATUS INBOX (MESSAGES)"), ["* STATUS INBOX (MESSAGES 1)"]);
});

protocolTest("object ids are found in one's own mail alone (RFC 8474)", async (t) => {
  const { alice, bob } = await worlds(t);
  await bob.ok("SELECT INBOX");
  const [fetched] = await bob.ok("FETCH 1 (EMAILID THREADID)");
  const email = /EMAILID \(([^)]*)\)/.exec(fetched)![1];
  const thread = /THREADID \(([^)]*)\)/.exec(fetched)![1];
  for (const id of [email, thread, ...Array.from({ length: 50 }, (_, at) => `E${at}`)]) {
    for (const key of ["EMAILID", "THREADID"]) {
      const lines = await alice.command(`UID SEARCH RETURN (ALL) ${key} ${id}`);
      assert(lines.every((line) => !/ALL (?!1(?:$|\s))/.test(line)), `${key} ${id}: ${lines}`);
    }
    assert.match((await alice.command(`FETCH 1 (${id})`))[0], /^\S+ BAD /);
  }
  // Whatever is found is Alice's own.
  const lines = await alice.ok(`ESEARCH IN (personal) RETURN (ALL) TEXT ${SECRET}`);
  assert.deepEqual(lines, []);
});

protocolTest("quota roots, server annotations, filters and searches of others are out of reach", async (t) => {
  const { alice } = await worlds(t);
  const same = async (theirs: string, none: string) => {
    const [a, b] = [await alice.command(theirs), await alice.command(none)];
    assert.equal(told(a, BOB, "mine"), told(b, "nobody@example.org", "none"), theirs);
    assert.doesNotMatch(a.join(), new RegExp(SECRET), theirs);
  };
  await same(`GETQUOTA "#user/${BOB}"`, 'GETQUOTA "#user/nobody@example.org"');
  await same(`SETQUOTA "#user/${BOB}" (STORAGE 1)`, 'SETQUOTA "#user/nobody@example.org" (STORAGE 1)');
  await same("SEARCH FILTER mine", "SEARCH FILTER none");
  await same('GETMETADATA "" /private/filters/values/mine', 'GETMETADATA "" /private/filters/values/none');
  for (
    const command of [
      'GETMETADATA (DEPTH infinity) "" (/private /shared)',
      'LIST "" *',
      'LIST "" Shared/%/%',
      `LIST "Shared/${BOB}/" *`,
      `LIST "" "Shared/${BOB}%"`,
      "NAMESPACE",
      `ESEARCH IN (personal subscribed inboxes) TEXT ${SECRET}`,
      `ESEARCH IN (subtree "Shared") TEXT ${SECRET}`,
      `SEARCH TEXT ${SECRET}`,
      "THREAD REFERENCES UTF-8 ALL",
    ]
  ) {
    const lines = (await alice.command(command)).slice(0, -1).join("\n");
    assert.doesNotMatch(lines, new RegExp(`${SECRET}|bob@`), command);
  }
});

protocolTest("NOTIFY tells nothing of another's mailboxes, named, by subtree or by all", async (t) => {
  const { alice, bob } = await worlds(t);
  for (
    const filter of [
      `mailboxes (Shared/${BOB}/INBOX Shared/${BOB}/${SECRET})`,
      "subtree (Shared)",
      `subtree (Shared/${BOB})`,
      "personal",
      "subscribed",
      "inboxes",
    ]
  ) {
    await alice.ok(`NOTIFY SET (${filter} (MessageNew MessageExpunge FlagChange MailboxName SubscriptionChange))`);
    await t.fill("INBOX", [mail("more")], BOB);
    await bob.ok("CREATE hidden");
    await bob.ok("DELETE hidden");
    assert.deepEqual(await alice.ok("NOOP"), [], filter);
  }
});

protocolTest("rights without l show nothing, and taken away they are gone at once (RFC 4314 §6)", async (t) => {
  const { alice } = await worlds(t);
  const bob = await t.account(BOB);
  const mailbox = await (await t.mail(BOB)).mailbox("INBOX" as never);
  const set = (rights: string) =>
    t.store.acl.change(bob.id, mailbox!.id, "alice@example.org", "set", new Rights(rights));
  const name = `Shared/${BOB}/INBOX`;
  await set("rswipkxtea");
  for (const command of COMMANDS.slice(0, 8)) {
    const none = `Shared/${BOB}/nowhere-here`;
    const answer = told(await asked(alice, command.replace("%s", name)), name);
    assert.equal(answer, told(await asked(alice, command.replace("%s", none)), none), command);
  }
  await set("lr");
  await alice.ok(`SELECT ${name}`);
  await set("");
  const lines = await alice.command("FETCH 1 BODY.PEEK[]").catch((error) => [String(error)]);
  assert.doesNotMatch(lines.join("\n"), new RegExp(`Subject: ${SECRET}`));
});
