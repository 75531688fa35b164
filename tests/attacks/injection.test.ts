/** Text of one kind that wants to be read as another: paths, SQL, responses, log lines, terminal escapes. */
// deno-lint-ignore-file no-control-regex -- control characters are what this is about
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { getLogger } from "@logtape/logtape";
import { setUpLog } from "../../server/log.ts";
import { verifyStore } from "../../store/sqlite/verify.ts";
import { mail, protocolTest, type TestClient, type TestServer } from "../support/protocol.ts";
import { ResponseReader } from "../support/responses.ts";
import { runProgram, startServer } from "../support/server.ts";
import { bytes, literal, survived } from "./support.ts";

/** UTF-8 as Latin-1 text, as the harness sends it. */
const wire = (text: string) => Buffer.from(text).toString("latin1");

const HOSTILE = [
  "../../../etc/passwd",
  "..",
  "../INBOX",
  "a/../../b",
  "a/./b",
  "/etc/passwd",
  "..\\..\\windows",
  "C:\\x",
  "a//b",
  "~root",
  "'; DROP TABLE message; --",
  '"; DROP TABLE mailbox; --',
  "' OR '1'='1",
  "x' UNION SELECT secret FROM credential --",
  "%' ESCAPE '\\",
  "_%",
  "$(touch /tmp/roost-attack)",
  "`touch /tmp/roost-attack`",
  "| touch /tmp/roost-attack",
  "%00",
  "%n%n%n%s",
  "${jndi:ldap://x/}",
  "<script>alert(1)</script>",
  "* OK [ALERT] hello",
  "a {5}",
  "a) (b",
  'a" "b',
  "a\\",
  "&AAA-",
  "\u202egpj.exe",
  "\ufeffINBOX",
  "ＩＮＢＯＸ",
  "\u0130nbox",
  "con",
  "nul.txt",
];

/** Never part of a name: they would end a line somewhere. */
const CONTROLS = [
  "a\r\nb",
  "a\nb",
  "a\rb",
  "a\x1b[2Jb",
  "a\x07b",
  "a\x7fb",
  "a\u0085b",
  "a\u009b2Jb",
  "a\u2028b",
  "a\u2029b",
  "a\tb",
];

/** All that a client gets is well formed: read by a reader that knows nothing of the server. */
async function wellFormed(client: TestClient, command: string): Promise<string> {
  await client.send(bytes(`w ${command}\r\nv NOOP\r\n`));
  const reader = new ResponseReader();
  for (let tagged = "";;) {
    reader.push(await client.bytes());
    for (let response = reader.next(); response; response = reader.next()) {
      assert.match(response.text, /^(?:\*|\+|w|v) /, command);
      assert.doesNotMatch(response.text, /SERVERBUG/, command);
      if (response.text.startsWith("w ")) tagged = response.text;
      if (response.text.startsWith("v ")) return tagged;
    }
  }
}

async function files(folder: string): Promise<string[]> {
  const found: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    if (isDirectory) found.push(...(await files(`${folder}/${name}`)).map((below) => `${name}/${below}`));
    else found.push(name);
  }
  return found.sort();
}

async function intact(t: TestServer): Promise<void> {
  const faults: string[] = [];
  await verifyStore(t.dataDir, (fault) => void (fault.note || faults.push(JSON.stringify(fault))));
  assert.deepEqual(faults, []);
}

protocolTest("mailbox names that look like paths, SQL or shell are names and no more", async (t) => {
  const client = await t.login({ inbox: [mail("one")] });
  await client.ok("ENABLE IMAP4rev2");
  const folders = async () => (await files(t.dataDir)).filter((name) => !/-(?:wal|shm)$|\/run\/|^run\//.test(name));
  const before = await folders();
  for (const [at, name] of HOSTILE.entries()) {
    const created = await wellFormed(client, `CREATE ${literal(wire(name))}`);
    for (
      const command of [
        `RENAME ${literal(wire(name))} ${literal(wire(`${name}x${at}`))}`,
        `RENAME ${literal(wire(`${name}x${at}`))} ${literal(wire(name))}`,
        `SUBSCRIBE ${literal(wire(name))}`,
        `STATUS ${literal(wire(name))} (MESSAGES MAILBOXID)`,
        `APPEND ${literal(wire(name))} ${literal(mail("x"))}`,
        `COPY 1 ${literal(wire(name))}`,
        `SELECT ${literal(wire(name))}`,
        `GETACL ${literal(wire(name))}`,
        `SETACL ${literal(wire(name))} ${literal(wire(name))} lr`,
        `MYRIGHTS ${literal(wire(name))}`,
        `GETQUOTAROOT ${literal(wire(name))}`,
        `GETQUOTA ${literal(wire(name))}`,
        `SETMETADATA ${literal(wire(name))} (/private/comment ${literal(wire(name))})`,
        `GETMETADATA ${literal(wire(name))} /private/comment`,
        `LIST ${literal(wire(name))} *`,
        `LIST "" ${literal(wire(name))}`,
        `ESEARCH IN (mailboxes ${literal(wire(name))}) ALL`,
        `NOTIFY SET (mailboxes ${literal(wire(name))} (MessageNew MessageExpunge))`,
        "NOTIFY NONE",
        "SELECT INBOX",
      ]
    ) {
      const answer = await wellFormed(client, command);
      if (created.startsWith("w NO")) {
        assert.doesNotMatch(answer, /^w OK \[(?:APPENDUID|COPYUID)/, `${name}: ${command}`);
      }
    }
  }
  await wellFormed(client, 'LIST "" * RETURN (STATUS (MESSAGES) SUBSCRIBED CHILDREN)');
  assert.deepEqual(await folders(), before, "no file came to be");
  await assert.rejects(Deno.stat("/tmp/roost-attack"));
  await intact(t);
});

protocolTest("a mailbox name with a line end or a control character cannot come to be (RFC 9051 §5.1)", async (t) => {
  const client = await t.login({ inbox: [mail("one")] });
  await client.ok("SELECT INBOX");
  for (const name of CONTROLS) {
    const sent = literal(wire(name));
    for (
      const command of [
        `CREATE ${sent}`,
        `RENAME Archive ${sent}`,
        `SUBSCRIBE ${sent}`,
        `APPEND ${sent} ${literal("x")}`,
      ]
    ) {
      assert.match(
        await wellFormed(client, command),
        /^w NO \[(?:CANNOT|TRYCREATE|NONEXISTENT)\]/,
        JSON.stringify(command),
      );
    }
  }
  for (const utf7 of ["a&AA0ACg-b", "a&AAo-b", "a&ABs-b", "a&AAA-b", "a&2AA-b", "&AC4ALg-/x"]) {
    assert.match(await survived(client, `CREATE ${utf7}`), /^x (?:NO|BAD)/, utf7);
  }
  assert.deepEqual(await client.ok('LIST "" a*'), []);
});

protocolTest(
  "keywords, search strings, header names and annotation entries cannot reach SQL or a response",
  async (t) => {
    const client = await t.login({ inbox: [mail("one")] });
    await client.ok("SELECT INBOX");
    for (const text of [...HOSTILE, ...CONTROLS, "\x00"]) {
      const sent = literal(wire(text));
      for (
        const command of [
          `STORE 1 +FLAGS (${wire(text).replace(/[\x00\r\n{}]/g, "")})`,
          `SEARCH KEYWORD ${wire(text).replace(/[\x00\r\n{}]/g, "")}`,
          `SEARCH SUBJECT ${sent}`,
          `SEARCH TEXT ${sent} BODY ${sent} FROM ${sent} HEADER ${sent} ${sent}`,
          `SEARCH CHARSET ${sent} ALL`,
          `SEARCH EMAILID ${wire(text).replace(/[^!-z|~]/g, "")}`,
          `SEARCH FILTER ${wire(text).replace(/[^!-z|~]/g, "")}`,
          `FETCH 1 BODY.PEEK[HEADER.FIELDS (${sent} Subject)]`,
          `SETMETADATA INBOX (${literal(wire(`/private/${text}`))} ${sent})`,
          `GETMETADATA INBOX (/private)`,
          `GETMETADATA (DEPTH infinity) INBOX /private`,
          `SETMETADATA "" (/private/comment ${sent})`,
          `GETMETADATA "" /private/comment`,
          `SETACL INBOX ${sent} lr`,
          `LISTRIGHTS INBOX ${sent}`,
          `DELETEACL INBOX ${sent}`,
          `GETACL INBOX`,
          `COMPARATOR ${sent}`,
          `LANGUAGE ${sent}`,
          `SELECT INBOX (${wire(text).replace(/[\x00\r\n{}]/g, "")})`,
          `APPEND INBOX CATENATE (URL ${sent})`,
          `ID (${sent} ${sent})`,
          `ID ("name" ${sent})`,
          `SORT (${wire(text).replace(/[\x00\r\n{}]/g, "")}) UTF-8 ALL`,
          `CANCELUPDATE ${sent}`,
        ]
      ) await wellFormed(client, command);
    }
    await wellFormed(client, "FETCH 1 (FLAGS ENVELOPE)");
    await intact(t);
  },
  { config: { limits: { badCommands: 1_000_000 } } },
);

protocolTest("headers that hold responses, literals and line ends come back inside their strings", async (t) => {
  const client = await t.login();
  await client.ok("SELECT INBOX");
  const values = [
    '" NIL NIL) BODY[] "x',
    "{10}\r\n * 1 EXPUNGE",
    ")\r\n * BYE",
    "\\",
    '\\"',
    "=?utf-8?B?DQoqIEJZRSB4DQo=?=",
    "=?utf-8?Q?=0D=0A*_BYE_x=0D=0A?=",
    "\x00\x00",
    "a\rb",
    "\x1b]0;title\x07",
    "=?utf-8?Q?=00=1B[2J?=",
  ];
  for (const value of values) {
    const fields = [
      "Subject",
      "From",
      "To",
      "Message-ID",
      "In-Reply-To",
      "References",
      "Date",
      "Content-Type",
      "Content-ID",
    ];
    const header = fields.map((name) => `${name}: ${value}\r\n`).join("");
    const parameter = `Content-Disposition: attachment; filename="${value}"; filename*=utf-8''%0D%0A%22%29\r\n`;
    const text = `${header}Content-Description: ${value}\r\n${parameter}Content-Language: ${value}\r\n\r\n${value}`;
    await client.send(bytes(`a APPEND INBOX ${literal(text, value.includes("\0") ? "~" : "")}\r\n`));
    assert.match((await client.answer("a")).at(-1)!, /^a OK/);
    for (
      const command of [
        "FETCH * (ENVELOPE BODY BODYSTRUCTURE PREVIEW BODY.PEEK[HEADER] BODY.PEEK[1.MIME])",
        "UID FETCH * BINARY.PEEK[]",
        "SEARCH SUBJECT BYE",
        "SORT (SUBJECT FROM TO DISPLAYFROM) UTF-8 ALL",
        "THREAD REFERENCES UTF-8 ALL",
      ]
    ) {
      assert.match(
        await wellFormed(client, command),
        /^w (?:OK|NO \[UNKNOWN-CTE\])/,
        `${JSON.stringify(value)} ${command}`,
      );
    }
  }
});

for (const format of ["logfmt", "json"] as const) {
  Deno.test(`a log line stays one line without control characters, whatever is logged (${format})`, async () => {
    const lines: string[] = [];
    await setUpLog({ level: "trace", format }, { write: (line) => void lines.push(line) });
    try {
      const log = getLogger(["roost", "test"]);
      for (const text of [...HOSTILE, ...CONTROLS, "a\x00b", "\x1b]8;;http://x\x1b\\", "\u202e", "level=error x"]) {
        log.info("said {text}", { text, user: text, nested: { text }, error: new Error(text), list: [text] });
        log.info(`template ${text.replaceAll("{", "{{").replaceAll("}", "}}")}`, {});
      }
    } finally {
      await setUpLog({ level: "info", format }, { write: () => {} });
    }
    assert(lines.length > 0);
    for (const line of lines) {
      assert.match(line, /^[^\n]*\n$/);
      assert.doesNotMatch(line.slice(0, -1), /[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029]/, JSON.stringify(line));
      if (format === "json") JSON.parse(line);
      else assert.equal([...line.matchAll(/(?:^| )level=/g)].length >= 1, true);
    }
  });
}

protocolTest("names that a client logs in with reach the log as one quoted value", async (t) => {
  await t.account();
  const lines: string[] = [];
  await setUpLog({ level: "trace", format: "logfmt" }, { write: (line) => void lines.push(line) });
  try {
    for (const name of [...CONTROLS, ...HOSTILE, 'x" level=error msg="y']) {
      const client = await t.connect({ remote: "local" });
      await client.send(bytes(`a LOGIN ${literal(wire(name))} ${literal("hunter2hunter2")}\r\n`));
      assert.match(await client.line(), /^a (?:NO|BAD)/);
      client.vanish();
    }
  } finally {
    await setUpLog({ level: "info", format: "logfmt" }, { write: () => {} });
  }
  for (const line of lines) {
    assert.match(line, /^[^\n]*\n$/);
    assert.doesNotMatch(line.slice(0, -1), /[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029]/, JSON.stringify(line));
    assert.doesNotMatch(line, /hunter2/);
    // Outside of quotes there is one level, the logger's.
    assert.equal([...line.replace(/"(?:[^"\\]|\\.)*"/g, '""').matchAll(/\blevel=/g)].length, 1, line);
  }
}, { config: { limits: { badCommandsBeforeLogin: 1000 } } });

Deno.test("command lines take no account names that hold control characters, and list none that do", async () => {
  await using server = await startServer();
  if (server.foreign) return;
  for (const name of ["a\nb@example.org", "a\x1b[2Jb@example.org", "a\u009bb@example.org", "../x", "a/../../b@x.org"]) {
    const added = await server.roost(["account", "add", "--password-stdin", name], "secret\n");
    assert.doesNotMatch(added.stderr.trimEnd(), /[\x00-\x08\x0b-\x1f\x7f-\x9f]/, JSON.stringify(added.stderr));
  }
  const listed = await server.roost(["account", "list"]);
  assert.equal(listed.code, 0, listed.stderr);
  assert.doesNotMatch(new TextDecoder().decode(listed.stdout), /[\x00-\x08\x0b-\x1f\x7f-\x9f]/);
  assert.equal((await runProgram(["ls", server.dataDir + "/.."])).code, 0);
});

protocolTest("what a refused command is told back ends no line", async (t) => {
  const alice = await t.login();
  await alice.exchange(`
    C: a SETACL INBOX bob@example.org {3+}
    C: l
    C:
    S: a BAD unknown right \\u000d
  `);
});
