import assert from "node:assert/strict";
import { mail, protocolTest } from "../support/protocol.ts";

const BOB = "bob@example.org";

protocolTest("ACL and RIGHTS= are announced, LIST-MYRIGHTS too (RFC 4314 §5.1.1, RFC 8440)", async (t) => {
  const client = await t.login();
  const words = (await client.ok("CAPABILITY"))[0].split(" ");
  for (const word of ["ACL", "RIGHTS=kxte", "LIST-MYRIGHTS"]) assert(words.includes(word), word);
});

protocolTest("SETACL sets, adds and takes away; c and d are kx and et (RFC 4314 §2.1.1, §3.1)", async (t) => {
  const client = await t.login();
  await client.exchange(`
    C: a1 CREATE INBOX/Drafts
    S: a1 OK ...
    C: a2 GETACL INBOX/Drafts
    S: * ACL INBOX/Drafts alice@example.org lrswipkxteacd
    S: a2 OK ...
    C: a3 SETACL INBOX/Drafts David lrswida
    S: a3 OK ...
    C: a4 SETACL INBOX/Drafts Byron lrswikda
    S: a4 OK ...
    C: a5 SETACL INBOX/Drafts Chris lrswi
    S: a5 OK ...
    C: a6 SETACL INBOX/Drafts Chris +cda
    S: a6 OK ...
    C: a7 SETACL INBOX/Drafts anyone ""
    S: a7 OK ...
    C: a8 GETACL INBOX/Drafts
    S: * ACL INBOX/Drafts alice@example.org lrswipkxteacd anyone "" Byron lrswikteacd Chris lrswikxteacd David lrswitead
    S: a8 OK ...
    C: a9 SETACL INBOX/Drafts chris -wkxa
    S: a9 OK ...
    C: b1 DELETEACL INBOX/Drafts BYRON
    S: b1 OK ...
    C: b2 DELETEACL INBOX/Drafts anyone
    S: b2 OK ...
    C: b3 GETACL INBOX/Drafts
    S: * ACL INBOX/Drafts alice@example.org lrswipkxteacd chris lrsited David lrswitead
    S: b3 OK ...
    C: b4 SETACL INBOX/Drafts John lrQswicda
    S: b4 BAD uppercase rights are not allowed
    C: b5 SETACL INBOX/Drafts John lrqswicda
    S: b5 BAD unknown right q
    C: b6 SETACL INBOX/Drafts "" lr
    S: b6 BAD ...
    C: b7 SETACL INBOX/Drafts "-" lr
    S: b7 BAD ...
    C: b8 SETACL nowhere John lr
    S: b8 NO [NONEXISTENT] ...
    C: b9 DELETEACL INBOX/Drafts nobody
    S: b9 OK ...
    C: c1 SETACL INBOX/Drafts alice@example.org lr
    S: c1 NO [CANNOT] ...
    C: c2 SETACL INBOX/Drafts -alice@example.org w
    S: c2 NO [CANNOT] ...
    C: c3 MYRIGHTS INBOX/Drafts
    S: * MYRIGHTS INBOX/Drafts lrswipkxteacd
    S: c3 OK ...
    C: c4 LISTRIGHTS INBOX/Drafts Smith
    S: * LISTRIGHTS INBOX/Drafts Smith "" l r s w i p k x t e a c d
    S: c4 OK ...
    C: c5 LISTRIGHTS INBOX/Drafts Alice@example.org
    S: * LISTRIGHTS INBOX/Drafts Alice@example.org lrswipkxteacd
    S: c5 OK ...
    C: c6 SETACL INBOX/Drafts Smith
    S: c6 BAD ...
    C: c7 MYRIGHTS nowhere
    S: c7 NO [NONEXISTENT] ...
  `);
});

protocolTest("rights of all identifiers add up, negative ones are taken away (RFC 4314 §2)", async (t) => {
  const alice = await t.login();
  const bob = await t.login({ address: BOB });
  const carol = await t.login({ address: "carol@example.org" });
  const name = "Shared/alice@example.org/INBOX";
  await alice.ok("SETACL INBOX anyone lr");
  await alice.ok(`SETACL INBOX ${BOB} swi`);
  await alice.ok(`SETACL INBOX -${BOB} w`);
  assert.deepEqual(await bob.ok(`MYRIGHTS ${name}`), [`* MYRIGHTS ${name} lrsi`]);
  assert.deepEqual(await carol.ok(`MYRIGHTS ${name}`), [`* MYRIGHTS ${name} lr`]);
  await alice.ok("SETACL INBOX -anyone l");
  for (const client of [bob, carol]) {
    assert.match((await client.command(`MYRIGHTS ${name}`)).at(-1) ?? "", /NO \[NONEXISTENT\]/);
  }
  await alice.ok("DELETEACL INBOX -anyone");
  await alice.ok(`DELETEACL INBOX ${BOB}`);
  // Of what is taken away something stays: -bob is an entry of its own.
  assert.deepEqual(await bob.ok(`MYRIGHTS ${name}`), [`* MYRIGHTS ${name} lr`]);
  assert.match((await bob.command(`GETACL ${name}`)).at(-1) ?? "", /NO \[NOPERM\]/);
});

protocolTest("LIST RETURN (MYRIGHTS) tells rights after each mailbox (RFC 8440 §3)", async (t) => {
  const alice = await t.login();
  const bob = await t.login({ address: BOB });
  await alice.ok(`SETACL INBOX ${BOB} lrs`);
  assert.deepEqual(await bob.ok('LIST "" (INBOX Shared/*) RETURN (MYRIGHTS)'), [
    '* LIST (\\HasNoChildren) "/" INBOX',
    "* MYRIGHTS INBOX lrswipkxteacd",
    '* LIST (\\HasNoChildren) "/" Shared/alice@example.org/INBOX',
    "* MYRIGHTS Shared/alice@example.org/INBOX lrs",
  ]);
});

/** Without `l`, commands answer as for a mailbox that is not there, whatever other rights there are. */
protocolTest("no right leaks a name (RFC 4314 §6)", async (t) => {
  const alice = await t.login({ inbox: [mail("one")] });
  await alice.ok("CREATE Secret");
  await alice.ok("CREATE Secret/Below");
  await alice.ok(`SETACL Secret ${BOB} rswipkxtea`);
  await alice.ok(`SETACL Secret/Below ${BOB} rswipkxtea`);
  const bob = await t.login({ address: BOB, inbox: [mail("mine")] });
  await bob.ok("SELECT INBOX");
  const there = "Shared/alice@example.org/Secret";
  const missing = "Shared/alice@example.org/Nothin";
  const nobody = "Shared/nobodyatexample.org/Nothin";
  const commands = [
    "STATUS % (MESSAGES)",
    "MYRIGHTS %",
    "GETACL %",
    "SETACL % bob lr",
    "DELETEACL % bob",
    "LISTRIGHTS % bob",
    "GETMETADATA % /shared/comment",
    'SETMETADATA % (/private/comment "x")',
    "GETQUOTAROOT %",
    "COPY 1 %",
    "UID COPY 1 %",
    "MOVE 1 %",
    "DELETE %",
    "RENAME % Mine",
    "RENAME INBOX %/New",
    "CREATE %/New",
    "CREATE %",
    'LIST "" %',
    'LIST "" %/*',
    'LSUB "" %',
    'LIST (SUBSCRIBED) "" %',
    "SUBSCRIBE %",
    "UNSUBSCRIBE %",
    "EXAMINE %",
    "SELECT %",
    "APPEND % {10}",
  ];
  for (const command of commands) {
    const answers = [];
    for (const name of [there, missing, nobody]) {
      if (/^(EXAMINE|COPY|UID|MOVE)/.test(command)) await bob.ok("SELECT INBOX");
      const lines = await bob.command(command.replaceAll("%", name));
      answers.push(lines.map((line) => line.replace(/^t\d+/, "t").replaceAll(name, "%")));
    }
    assert.deepEqual(answers[0], answers[1], command);
    assert.deepEqual(answers[0], answers[2], command);
  }
  assert.deepEqual(await bob.ok('LIST "" Shared*'), []);
  assert.deepEqual(await bob.ok('LIST "" %'), await bob.ok('LIST "" (INBOX Sent Drafts Archive Junk Trash)'));
  assert.deepEqual(
    await bob.ok('LIST "" * RETURN (STATUS (MESSAGES))').then((lines) => lines.filter((l) => /alice/.test(l))),
    [],
  );
});

type Outcome = "OK" | "NOPERM" | string;

/** RFC 4314 §4: command, the rights that it takes beside `l`; and what is answered without one of them. */
const NEEDS: readonly (readonly [command: string, rights: string, without?: Outcome])[] = [
  ["STATUS % (MESSAGES)", "r"],
  ["SELECT %", "r"],
  ["EXAMINE %", "r"],
  ["GETQUOTAROOT %", "r"],
  ["CREATE %/New", "k"],
  ["DELETE %", "x"],
  ["RENAME % Shared/alice@example.org/Parent/Renamed", "x"],
  ["SETACL % carol lr", "a"],
  ["DELETEACL % carol", "a"],
  ["GETACL %", "a"],
  ["LISTRIGHTS % carol", "a"],
  ["MYRIGHTS %", ""],
  ["SUBSCRIBE %", ""],
  ["UNSUBSCRIBE %", ""],
  ["APPEND % {1+}\r\nx", "i"],
];

protocolTest("each command takes the rights of RFC 4314 §4, and no other", async (t) => {
  const alice = await t.login();
  const bob = await t.login({ address: BOB });
  await alice.ok("CREATE Parent");
  await alice.ok(`SETACL Parent ${BOB} lk`);
  const name = "Shared/alice@example.org/Box";
  for (const [command, rights] of NEEDS) {
    for (const right of ["", ..."rswipkxtea"]) {
      await alice.ok("CREATE Box");
      await alice.ok(`SETACL Box ${BOB} l${right}`);
      const answer = (await bob.command(command.replaceAll("%", name))).at(-1) ?? "";
      const expected = rights === "" || rights === right ? /^t\d+ OK/ : /^t\d+ NO \[NOPERM\]/;
      assert.match(answer, expected, `${command} with l${right}: ${answer}`);
      await bob.command("UNSELECT");
      await alice.command("DELETE Box/New");
      await alice.command("DELETE Parent/Renamed");
      await alice.command("DELETE Box");
    }
  }
});

protocolTest("in the selected state: STORE, EXPUNGE, CLOSE, MOVE take w, s, t, e (RFC 4314 §4)", async (t) => {
  const alice = await t.login();
  const bob = await t.login({ address: BOB });
  const name = "Shared/alice@example.org/Box";
  const needs: readonly (readonly [string, string])[] = [
    ["STORE 1 +FLAGS (\\Flagged)", "w"],
    ["STORE 1 -FLAGS (keyword)", "w"],
    ["STORE 1 FLAGS (\\Draft)", "w"],
    ["STORE 1 +FLAGS (\\Seen)", "s"],
    ["STORE 1 +FLAGS (\\Deleted)", "t"],
    ["EXPUNGE", "e"],
    ["UID EXPUNGE 1", "e"],
    ["MOVE 1 INBOX", "te"],
    ["COPY 1 INBOX", ""],
    ["FETCH 1 BODY[]", ""],
    ["SEARCH ALL", ""],
    ["CLOSE", ""],
  ];
  for (const [command, rights] of needs) {
    for (const given of ["", ..."swipkxtea", "te"]) {
      await t.fill("Box", [{ text: mail("one"), flags: ["\\Deleted"] }]);
      await alice.ok(`SETACL Box ${BOB} lr${given}`);
      await bob.ok(`SELECT ${name}`);
      const answer = (await bob.command(command)).at(-1) ?? "";
      const expected = [...rights].every((right) => given.includes(right)) ? /^t\d+ OK/ : /^t\d+ NO \[NOPERM\]/;
      assert.match(answer, expected, `${command} with lr${given}: ${answer}`);
      // CLOSE removes where it may, and is never refused.
      if (command === "CLOSE") {
        const [status] = await bob.ok(`STATUS ${name} (MESSAGES)`);
        assert.equal(status, `* STATUS ${name} (MESSAGES ${given.includes("e") ? 0 : 1})`);
      } else await bob.ok("UNSELECT");
      await alice.ok("DELETE Box");
    }
  }
});

protocolTest("STORE with rights for some of its flags changes these (RFC 4314 §4 STORE)", async (t) => {
  const alice = await t.login();
  await t.fill("Box", [{ text: mail("one"), flags: ["\\Deleted", "\\Draft", "old"] }]);
  await alice.ok(`SETACL Box ${BOB} lrw`);
  const bob = await t.login({ address: BOB });
  await bob.ok("SELECT Shared/alice@example.org/Box");
  await bob.exchange(`
    C: a STORE 1 FLAGS (\\Seen \\Flagged new)
    S: * FLAGS (\\Seen \\Answered \\Flagged \\Deleted \\Draft ... old new)
    S: * OK [PERMANENTFLAGS (\\Answered \\Flagged \\Draft ... old new \\*)] ...
    S: * 1 FETCH (UID 1 FLAGS (\\Flagged \\Deleted new))
    S: a OK ...
    C: b STORE 1 FLAGS ()
    S: * 1 FETCH (UID 1 FLAGS (\\Deleted))
    S: b OK ...
    C: c STORE 1 -FLAGS (\\Deleted)
    S: c NO [NOPERM] ...
    C: d STORE 1 +FLAGS ()
    S: * 1 FETCH (UID 1 FLAGS (\\Deleted))
    S: d OK ...
  `);
});

protocolTest("COPY and APPEND keep the flags that rights allow (RFC 4314 §4)", async (t) => {
  const alice = await t.login();
  await alice.ok("CREATE Target");
  const flagged = (flags: string[]) => ({ text: mail(flags.join("")), flags });
  const bob = await t.login({
    address: BOB,
    inbox: [flagged(["\\Draft", "\\Deleted"]), flagged(["\\Answered"]), flagged(["$Forwarded", "\\Seen", "word"])],
  });
  const name = "Shared/alice@example.org/Target";
  const shown = async () => {
    await bob.ok(`EXAMINE ${name}`);
    const lines = await bob.ok("FETCH 1:* (FLAGS)");
    await bob.ok("UNSELECT");
    return lines.map((line) => line.replace(/^.*FLAGS (\(.*\))\)$/, "$1"));
  };
  for (
    const [rights, expected] of [
      ["lrwis", ["(\\Draft)", "(\\Answered)", "(\\Seen $Forwarded word)"]],
      ["lrsti", ["(\\Deleted)", "()", "(\\Seen)"]],
    ] as const
  ) {
    await alice.ok(`SETACL Target ${BOB} ${rights}`);
    await bob.ok("SELECT INBOX");
    await bob.ok(`COPY 1:3 ${name}`);
    assert.deepEqual(await shown(), expected);
    await alice.ok("DELETE Target");
    await alice.ok("CREATE Target");
    await alice.ok(`SETACL Target ${BOB} ${rights}`);
    for (const flags of ["\\Draft \\Deleted", "\\Answered", "$Forwarded \\Seen word"]) {
      await bob.ok(`APPEND ${name} (${flags}) {4+}\r\nX:\r\n`);
    }
    assert.deepEqual(await shown(), expected);
    await alice.ok("DELETE Target");
    await alice.ok("CREATE Target");
  }
});

protocolTest(
  "SELECT shows what may be changed: PERMANENTFLAGS, READ-ONLY, READ-WRITE (RFC 4314 §5.1.1, §5.2)",
  async (t) => {
    const alice = await t.login();
    await alice.ok("CREATE Box");
    const bob = await t.login({ address: BOB });
    for (
      const [rights, permanent, code] of [
        ["lr", "()", "READ-ONLY"],
        ["lrs", "(\\Seen)", "READ-ONLY"],
        ["lrit", "(\\Deleted)", "READ-WRITE"],
        ["lre", "()", "READ-WRITE"],
        ["lrw", "(\\Answered \\Flagged \\Draft $Forwarded $MDNSent $Junk $NotJunk $Phishing \\*)", "READ-WRITE"],
      ]
    ) {
      await alice.ok(`SETACL Box ${BOB} ${rights}`);
      const lines = await bob.command("SELECT Shared/alice@example.org/Box");
      assert(lines.some((line) => line.startsWith(`* OK [PERMANENTFLAGS ${permanent}]`)), `${rights}: ${lines}`);
      assert.match(lines.at(-1) ?? "", new RegExp(`OK \\[${code}\\]`), rights);
    }
  },
);

protocolTest(
  "new mailboxes inherit the list of their parent; DELETE ends it; RENAME keeps it (RFC 4314 §4)",
  async (t) => {
    const alice = await t.login();
    const bob = await t.login({ address: BOB });
    await alice.ok("CREATE Team");
    await alice.ok(`SETACL Team ${BOB} lrk`);
    await alice.ok("CREATE Team/a/b");
    const team = "Shared/alice@example.org/Team";
    assert.deepEqual(await bob.ok(`MYRIGHTS ${team}/a/b`), [`* MYRIGHTS ${team}/a/b lrkc`]);
    await bob.ok(`CREATE ${team}/c/d`);
    assert.deepEqual(await bob.ok(`LIST "" ${team}/c*`), [
      `* LIST (\\HasChildren) "/" ${team}/c`,
      `* LIST (\\HasNoChildren) "/" ${team}/c/d`,
    ]);
    assert.deepEqual(await alice.ok("GETACL Team/c/d"), [`* ACL Team/c/d alice@example.org lrswipkxteacd ${BOB} lrkc`]);
    await alice.ok("RENAME Team Group");
    assert.deepEqual(await bob.ok("MYRIGHTS Shared/alice@example.org/Group/a/b"), [
      "* MYRIGHTS Shared/alice@example.org/Group/a/b lrkc",
    ]);
    await alice.ok("CREATE Team");
    assert.deepEqual(await alice.ok("GETACL Team"), ["* ACL Team alice@example.org lrswipkxteacd"]);
    await alice.ok("DELETE Group/c/d");
    await alice.ok("CREATE Group/c/d");
    await alice.ok(`DELETEACL Group/c/d ${BOB}`);
    assert.deepEqual(await bob.ok('LIST "" Shared/alice@example.org/Group/c/d'), []);
    await alice.ok("RENAME Group/c/d Group/e/f");
    // The level that RENAME made inherits, what was moved keeps what it had.
    assert.deepEqual(await bob.ok('LIST "" Shared/alice@example.org/Group/e*'), [
      '* LIST (\\HasNoChildren) "/" Shared/alice@example.org/Group/e',
    ]);
  },
);

protocolTest("what is withdrawn is gone at once, for a session that has it selected (RFC 4314 §5.1.1)", async (t) => {
  const alice = await t.login();
  await t.fill("Box", [mail("one")]);
  await alice.ok(`SETACL Box ${BOB} lrsw`);
  const bob = await t.login({ address: BOB });
  await bob.ok("SELECT Shared/alice@example.org/Box");
  await alice.ok(`SETACL Box ${BOB} -w`);
  await bob.exchange(`
    C: a STORE 1 +FLAGS (\\Flagged)
    S: * FLAGS (...)
    S: * OK [PERMANENTFLAGS (\\Seen)] ...
    S: a NO [NOPERM] ...
    C: b IDLE
    S: + idling
  `);
  await alice.ok(`DELETEACL Box ${BOB}`);
  assert.match(await bob.line(), /^\* BYE /);
});

protocolTest("an account that is removed leaves no rights behind", async (t) => {
  const alice = await t.login();
  const bob = await t.account(BOB);
  await alice.ok("CREATE Box");
  await alice.ok(`SETACL Box ${BOB} lr`);
  await alice.ok(`SETACL Box -${BOB} w`);
  await alice.ok("SETACL Box anyone l");
  await t.store.directory.remove(bob.id);
  assert.deepEqual(await alice.ok("GETACL Box"), ["* ACL Box alice@example.org lrswipkxteacd anyone l"]);
  const carol = await t.login({ address: "carol@example.org" });
  assert.equal((await carol.ok('LIST "" Shared/*')).length, 1);
  const { id } = await t.account();
  await t.store.directory.remove(id);
  assert.deepEqual(await carol.ok('LIST "" Shared/*'), []);
  assert.match((await carol.command("SELECT Shared/alice@example.org/Box")).at(-1) ?? "", /NO \[NONEXISTENT\]/);
});
