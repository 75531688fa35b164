/** What can be sent in place of a command: brackets, literals, lines, tags and bytes that no client sends. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { mail, protocolTest } from "../support/protocol.ts";
import { bytes, literal, survived, within } from "./support.ts";

const CHEAP = { seconds: 3, mib: 64 };

protocolTest("brackets before login cost nothing and end the connection", async (t) => {
  await within(CHEAP, async () => {
    for (const opening of ["(", "[", "{", '"', "((((NOT ", "~{"]) {
      const client = await t.connect();
      await client.send(`a ${opening.repeat(8000 / opening.length)}\r\n`.repeat(3));
      const lines = (await client.rest()).split("\r\n");
      assert.equal(lines.filter((line) => line.startsWith("a BAD ")).length, 3, opening);
      assert.match(lines.at(-2)!, /^\* BYE too many bad commands/);
    }
  });
});

protocolTest("a line without an end, before login and after, is dropped at 1 MiB", async (t) => {
  const megabyte = new Uint8Array(1024 * 1024).fill(0x28);
  await t.account();
  await within(CHEAP, async () => {
    for (const loggedIn of [false, true]) {
      const client = loggedIn ? await t.login() : await t.connect();
      await client.send("a ");
      await assert.rejects(async () => {
        for (let sent = 0; sent < 100; sent++) await client.send(megabyte);
      });
    }
  });
});

protocolTest("literals before login: their sum is bounded by commandLineBeforeLogin", async (t) => {
  await t.account();
  const client = await t.connect();
  await client.exchange(`
    C: a LOGIN {8193}
    S: a BAD [TOOBIG] ...
    C: b LOGIN {5000}
    S: + ...
    C: ${"x".repeat(5000)} {5000}
    S: b BAD [TOOBIG] ...
    C: c LOGIN {17}
    S: + ...
    C: alice@example.org {6}
    S: + ...
    C: secret
    S: c OK ...
    C: d STATUS {8193}
    S: + ...
    C: ${"x".repeat(8193)} (MESSAGES)
    S: d NO [CANNOT] ...
  `);
});

protocolTest("1,000 connections that each stop inside a literal before login hold little", async (t) => {
  await within({ seconds: 15, mib: 128 }, async () => {
    const clients = [];
    for (let count = 0; count < 1000; count++) {
      const client = await t.connect();
      await client.send("a LOGIN {8000+}\r\n" + "x".repeat(7999));
      clients.push(client);
    }
    for (const client of clients) client.vanish();
  });
});

protocolTest("sizes of literals that no memory holds", async (t) => {
  await t.account();
  const sizes = ["4294967295", "4294967296", "9223372036854775807", "9223372036854775808", "18446744073709551616"];
  await within(CHEAP, async () => {
    for (const size of [...sizes, "9".repeat(400), `${"9".repeat(1000)}`]) {
      for (const [command, refused] of [["STATUS", "BAD"], ["APPEND INBOX", "NO"]]) {
        const asked = await t.login();
        assert.match(await survived(asked, `${command} {${size}}`), new RegExp(`^x ${refused} \\[TOOBIG\\]`), size);
        const unasked = await t.login();
        await unasked.send(`a ${command} {${size}+}\r\n`);
        assert.match(await unasked.rest(), /^\* BYE \[TOOBIG\]/, size);
      }
      const stranger = await t.connect();
      await stranger.send(`a LOGIN {${size}+}\r\n`);
      assert.match(await stranger.rest(), /^\* BYE \[TOOBIG\]/, size);
      const binary = await t.login();
      await binary.send(`a APPEND INBOX ~{${size}+}\r\n`);
      assert.match(await binary.rest(), /^\* BYE \[TOOBIG\]/, size);
    }
  });
});

protocolTest("sizes of literals that are no numbers are no literals", async (t) => {
  const client = await t.login();
  for (const size of ["-1", "+1", "-9223372036854775808", "0x10", "1e9", "1.5", "", " 5", "5 ", "٣", "5++"]) {
    assert.match(await survived(client, `STATUS {${Buffer.from(size).toString("latin1")}}`), /^x BAD /, size);
  }
  // Zeros before the number change nothing.
  await client.send("a STATUS {0000000000000000000000000000000000000005+}\r\nINBOX (MESSAGES)\r\n");
  await client.exchange("S: a OK ...");
});

protocolTest("thousands of literals in one command: BAD [TOOBIG], and the stream stays in step", async (t) => {
  const client = await t.login();
  await client.ok("SELECT INBOX");
  await within({ seconds: 4, mib: 128 }, async () => {
    const many = (count: number, piece: string, between = " ") => Array(count).fill(piece).join(between);
    const commands = [
      `SEARCH ${many(5000, `TEXT ${literal("x")}`)}`,
      `SEARCH ${many(13_000, literal(""))}`,
      `NOOP ${many(13_000, literal(""), "")}`,
      `APPEND INBOX ${many(5000, literal("x"))}`,
      `APPEND INBOX CATENATE (${many(4000, `TEXT ${literal("x")}`)})`,
      `APPEND INBOX CATENATE (${many(3500, `URL ${literal("x")}`)})`,
      `APPEND INBOX ${many(5000, literal("x", "~"))}`,
      `APPEND ${many(10_000, literal("INBOX"))}`,
      `SETMETADATA "" (${many(3000, `/private/a ${literal("x")}`)})`,
      `FETCH 1 BODY[HEADER.FIELDS (${many(5000, literal("a"))})]`,
    ];
    for (const command of commands) assert.match(await survived(client, command), /^x BAD /, command.slice(0, 30));
  });
});

protocolTest("1,000 literals of an APPEND that are allowed take one message's time each", async (t) => {
  const client = await t.login();
  await within({ seconds: 20, mib: 128 }, async () => {
    const tagged = await survived(client, `APPEND INBOX ${Array(1000).fill(literal(mail("x"))).join(" ")}`);
    assert.match(tagged, /^x OK \[APPENDUID \d+ 1:1000\]/);
  });
});

protocolTest(
  "literals of LITERAL+ are counted once: announced, counted and read are the same bytes (RFC 7888)",
  async (t) => {
    const client = await t.login();
    // What looks like a literal's marker inside a literal is content.
    const text = mail("one", "x {5+}\r\nhello\r\nx NOOP\r\n");
    await client.send(`a APPEND INBOX ${literal(text)}\r\nb NOOP\r\n`);
    await client.exchange(`
    S: a OK [APPENDUID ...] ...
    S: b OK ...
  `);
    assert.match((await client.ok("STATUS INBOX (SIZE)"))[0], new RegExp(`SIZE ${text.length}\\)`));
  },
);

protocolTest("the bytes of a refused literal are never read as commands", async (t) => {
  const client = await t.login();
  const smuggled = "b CREATE smuggled\r\n".repeat(8000);
  assert.match(await survived(client, `STATUS ${literal(smuggled)} (MESSAGES)`), /^x BAD \[TOOBIG\]/);
  assert.match(await survived(client, `APPEND nowhere ${literal(smuggled)}`), /^x NO \[TRYCREATE\]/);
  assert.match(await survived(client, `APPEND INBOX ${literal(smuggled)} {20000000000}`), /^x NO \[TOOBIG\]/);
  assert.match(await survived(client, `UNKNOWN ${literal("b CREATE smuggled\r\n")}`), /^x BAD /);
  assert.deepEqual(await client.ok('LIST "" smuggled'), []);
});

protocolTest(
  "tags cannot carry anything into an answer: long, with control characters, quotes or markers",
  async (t) => {
    const client = await t.login();
    for (
      const tag of [
        "a".repeat(60_000),
        "a\x1b[2J",
        'a"b',
        "a{5}",
        "a\\b",
        "\xff\xfe",
        "+",
        "*",
        "a\rb",
        "a*b",
        "a%b",
        "",
      ]
    ) {
      await client.send(bytes(`${tag} NOOP\r\n`));
      const answer = await client.line();
      assert.match(answer, /^\* BAD /, JSON.stringify(tag.slice(0, 20)));
      assert(answer.length < 200);
      // deno-lint-ignore no-control-regex -- nothing of the tag comes back
      assert.doesNotMatch(answer, /[\x00-\x1f\x7f-\xff]/);
      await client.ok("NOOP");
    }
  },
);

protocolTest("NUL and bare CR where no byte of theirs can be: BAD, and nothing of it is done", async (t) => {
  const client = await t.login();
  const commands = [
    "CREATE a\0b",
    'CREATE "a\0b"',
    'CREATE "\0"',
    `CREATE ${literal("a\0b")}`,
    `CREATE ${literal("\0")}`,
  ];
  const odd = ["CREATE a\rb", 'CREATE "a\rb"', `CREATE a\r`, "CREATE a\r\0"];
  for (const command of [...commands, ...odd]) {
    assert.match(await survived(client, command), /^x BAD /, JSON.stringify(command));
  }
  assert.match(await survived(client, `CREATE ${literal("a\r\nb")}`), /^x NO \[CANNOT\]/);
  for (const command of ['LOGIN "a\0" b', 'LOGIN a "b\0"', 'LOGIN "\0\\"\0" "\\']) {
    const stranger = await t.connect();
    await stranger.send(bytes(`a ${command}\r\n`));
    assert.match(await stranger.line(), /^a BAD /, JSON.stringify(command));
  }
  assert.deepEqual(await client.ok('LIST "" a*'), []);
});

protocolTest("literal8 stands for message content alone (RFC 3516 §4.4)", async (t) => {
  const client = await t.login();
  for (const command of ["STATUS %s (MESSAGES)", "CREATE %s", "SEARCH TEXT %s", 'LIST "" %s', "SUBSCRIBE %s"]) {
    if (command.startsWith("SEARCH")) await client.ok("SELECT INBOX");
    assert.match(await survived(client, command.replace("%s", literal("a\0b", "~"))), /^x BAD /, command);
  }
});

protocolTest("numbers beyond their range are refused, not wrapped (UIDs 32 bits, modseqs 63)", async (t) => {
  const client = await t.login({ inbox: [mail("one")] });
  await client.ok("ENABLE CONDSTORE");
  await client.ok("SELECT INBOX");
  const commands = [
    "UID FETCH 4294967296 UID",
    "UID FETCH 4294967297:4294967298 UID",
    "UID FETCH 18446744073709551617 UID",
    "FETCH 0 UID",
    "FETCH 1:0 UID",
    "UID STORE 4294967296 +FLAGS (\\Deleted)",
    "UID COPY 4294967297 Archive",
    "UID EXPUNGE 4294967297",
    "FETCH 1 (FLAGS) (CHANGEDSINCE 9223372036854775808)",
    "FETCH 1 (FLAGS) (CHANGEDSINCE -1)",
    "STORE 1 (UNCHANGEDSINCE 18446744073709551616) +FLAGS (a)",
    "SEARCH MODSEQ 9223372036854775808",
    "FETCH 1 BODY[]<9223372036854775808.1>",
    "FETCH 1 BODY[]<0.9223372036854775808>",
    "FETCH 1 BODY[4294967296]",
    "SEARCH LARGER 9223372036854775808",
    "SEARCH RETURN (PARTIAL 1:4294967296) ALL",
  ];
  for (const command of commands) assert.match(await survived(client, command), /^x BAD /, command);
  await within(CHEAP, async () => {
    for (const range of ["1:4294967295", "4294967295:1", "1:*", "*:4294967295"]) {
      assert.match(await survived(client, `UID SEARCH UID ${range}`), /^x OK/);
      assert.match(await survived(client, `UID FETCH ${range} UID`), /^x OK/);
    }
    assert.match(await survived(client, "FETCH 1 BODY.PEEK[]<9223372036854775807.9223372036854775807>"), /^x OK/);
  });
});
