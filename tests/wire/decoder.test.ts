import assert from "node:assert/strict";
import { Decoder, MAX_NESTING } from "../../server/imap/wire/decoder.ts";
import { bad, bytes, decoder, no, text } from "./lines.ts";

Deno.test("a whole command is read token by token (RFC 9051 §9)", () => {
  const d = decoder(`a1 UID FETCH 1:3 (FLAGS BODY.PEEK[HEADER])`);
  assert.equal(d.tag(), "a1");
  d.sp();
  assert.equal(d.word(), "UID");
  d.sp();
  assert.equal(d.word(), "FETCH");
  d.sp();
  assert.deepEqual(d.sequenceSet().ranges, [{ first: 1, last: 3 }]);
  d.sp();
  const items = d.list(() => {
    const name = d.word();
    if (!d.tryByte("[")) return name;
    const section = d.atom();
    d.byte("]");
    return `${name}/${section}`;
  });
  assert.deepEqual(items, ["FLAGS", "BODY.PEEK/HEADER"]);
  assert.ok(d.atEnd);
  d.end();
});

Deno.test("tags are ASTRING-CHARs without + (RFC 9051 §9 tag)", () => {
  for (const tag of ["a", "A001", "1", "]", "a.b-c[1]", "}", "$#!"]) assert.equal(decoder(`${tag} NOOP`).tag(), tag);
  for (const line of ["", " NOOP", "+ x", "*", "(a", '"a"', "{1}", "%", "\\a", "é"]) {
    bad(() => decoder(line).tag(), /a tag/);
  }
  assert.equal(decoder("a+ NOOP").tag(), "a");
});

Deno.test("atoms end at specials (RFC 9051 §9 atom-specials)", () => {
  for (const special of [" ", "(", ")", "{", "%", "*", '"', "\\", "]", "\0", "\x01", "\x1f", "\x7f", "é"]) {
    const d = decoder(`ab${special}cd`);
    assert.equal(d.atom(), "ab");
    assert.equal(d.position, 2);
    bad(() => decoder(`${special}x`).atom());
  }
  assert.equal(decoder("BODY[1").atom(), "BODY[1");
});

Deno.test("words are in capitals and end before [", () => {
  const d = decoder("body.peek[]");
  assert.equal(d.word(), "BODY.PEEK");
  d.byte("[");
  d.byte("]");
  d.end();
});

Deno.test("tryWord takes whole words in any case", () => {
  for (const line of ["NIL", "nil", "Nil ", "nIL)", "NIL[", "NIL]"]) {
    const d = decoder(line);
    assert.ok(d.tryWord("NIL"), line);
    assert.equal(d.position, 3);
  }
  for (const line of ["", "N", "NI", "NILS", "NIL.", "NIL+", "NiX", '"NIL"', "N\x49\x6c\x01x".slice(0, 2)]) {
    const d = decoder(line);
    assert.equal(d.tryWord("NIL"), false, line);
    assert.equal(d.position, 0);
  }
  // Only letters fold: `{` and `[` are 0x20 apart too.
  assert.equal(decoder("a@").tryWord("a`"), false);
});

Deno.test("spaces are exact (RFC 9051 §2.2.1: extraneous spaces are BAD)", () => {
  const d = decoder("  x");
  d.sp();
  bad(() => d.word(), /at character 2/);
  bad(() => decoder("x").sp(), /a space at character 1/);
  bad(() => decoder("").sp(), /a space at the end of the command/);
  assert.equal(decoder("x").trySp(), false);
  bad(() => decoder("\t").sp());
});

Deno.test("end refuses anything left, a space too", () => {
  decoder("").end();
  for (const line of [" ", "x", "\0", "\r"]) bad(() => decoder(line).end(), /the end of the command at character 1/);
});

Deno.test("peek and byte", () => {
  const d = decoder("(a");
  assert.equal(d.peek(), 0x28);
  bad(() => d.byte(")"), /"\)"/);
  d.byte("(");
  assert.equal(d.tryByte("A"), false);
  assert.equal(d.tryByte("a"), true);
  assert.equal(d.peek(), -1);
  bad(() => d.byte("x"));
});

Deno.test("number has 32 bits, number64 has 63 (RFC 9051 §9)", () => {
  const table: [string, number | "bad", number | "bad"][] = [
    ["0", 0, 0],
    ["7", 7, 7],
    ["007", 7, 7],
    ["4294967295", 4294967295, 4294967295],
    ["4294967296", "bad", 4294967296],
    ["9007199254740991", "bad", Number.MAX_SAFE_INTEGER],
    ["9007199254740993", "bad", Number.MAX_SAFE_INTEGER],
    ["999999999999999", "bad", 999999999999999],
    ["9223372036854775807", "bad", Number.MAX_SAFE_INTEGER],
    ["9223372036854775808", "bad", "bad"],
    ["18446744073709551616", "bad", "bad"],
    ["9".repeat(5000), "bad", "bad"],
    ["0".repeat(5000) + "5", 5, 5],
    ["", "bad", "bad"],
    ["-1", "bad", "bad"],
    ["+1", "bad", "bad"],
    ["x", "bad", "bad"],
    ["٣", "bad", "bad"],
  ];
  for (const [line, small, large] of table) {
    if (small === "bad") bad(() => decoder(line).number());
    else assert.equal(decoder(line).number(), small);
    if (large === "bad") bad(() => decoder(line).number64());
    else assert.equal(decoder(line).number64(), large);
  }
  const d = decoder("12.34");
  assert.equal(d.number(), 12);
  d.byte(".");
  assert.equal(d.number64(), 34);
});

Deno.test("nz-number has no zero at its start (RFC 9051 §9)", () => {
  for (const line of ["0", "01", "00", "", "4294967296"]) bad(() => decoder(line).nzNumber());
  for (const line of ["0", "01", "", "9223372036854775808"]) bad(() => decoder(line).nzNumber64());
  assert.equal(decoder("10").nzNumber(), 10);
  assert.equal(decoder("90060115205545359").nzNumber64(), Number.MAX_SAFE_INTEGER);
  assert.equal(decoder("720162338").nzNumber64(), 720162338);
});

Deno.test("lists (RFC 9051 §9)", () => {
  const atoms = (line: string) => {
    const d = decoder(line);
    const items = d.list(() => d.atom());
    d.end();
    return items;
  };
  assert.deepEqual(atoms("()"), []);
  assert.deepEqual(atoms("(a)"), ["a"]);
  assert.deepEqual(atoms("(a b c)"), ["a", "b", "c"]);
  for (const line of ["", "a", "(", "(a", "( a)", "(a )", "(a  b)", "(a(b))", "(a))"]) bad(() => atoms(line));
});

Deno.test("nesting is bounded", () => {
  const depth = (n: number) => {
    const d = decoder("(".repeat(n) + "x" + ")".repeat(n));
    const level = (): unknown => (d.peek() === 0x28 ? d.list(level) : d.atom());
    level();
    d.end();
  };
  depth(MAX_NESTING);
  bad(() => depth(MAX_NESTING + 1), /nesting/);
  bad(() => depth(60_000), /nesting/);
});

Deno.test("nesting counts depth, not how many there were, also after a fault", () => {
  const d = decoder("");
  for (let i = 0; i < 200; i++) d.nest(() => i);
  for (let i = 0; i < 200; i++) bad(() => d.nest(() => d.atom()), /an atom/);
});

Deno.test("flags (RFC 9051 §2.3.2, §9)", () => {
  for (
    const flag of [
      "\\Seen",
      "\\SEEN",
      "\\answered",
      "\\Flagged",
      "\\Deleted",
      "\\Draft",
      "$Forwarded",
      "work",
      "NIL",
      "a[b",
    ]
  ) {
    const d = decoder(flag);
    assert.equal(d.flag(), flag);
    d.end();
  }
  for (
    const flag of ["\\Recent", "\\RECENT", "\\*", "\\", "\\\\Seen", "\\Unknown", "\\ Seen", '"Seen"', "", "(x)", "é"]
  ) {
    bad(() => decoder(flag).flag());
  }
  bad(() => decoder("\\Recent").flag(), /a flag that clients can set at character 1/);
  assert.equal(decoder("k".repeat(255)).flag().length, 255);
  no(() => decoder("k".repeat(256)).flag(), "LIMIT");
});

Deno.test("special-use attributes are no flags (RFC 6154 §6 use-attr)", () => {
  const d = decoder("(\\Sent \\X-Other)");
  assert.deepEqual(d.list(() => d.attribute()), ["\\Sent", "\\X-Other"]);
  for (const line of ["Sent", "\\", "\\*", "\\\\Sent", ""]) bad(() => decoder(line).attribute());
  bad(() => decoder("\\Sent").flag());
});

Deno.test("flag lists (RFC 9051 §9 flag-list)", () => {
  assert.deepEqual(decoder("()").flagList(), []);
  assert.deepEqual(decoder("(\\Seen $Junk)").flagList(), ["\\Seen", "$Junk"]);
  for (const line of ["\\Seen", "(\\Seen", "(\\Seen,\\Draft)", "(\\Seen \\Recent)", "(())"]) {
    bad(() => decoder(line).flagList());
  }
});

Deno.test("sequence sets stop where they end", () => {
  const d = decoder("1,3:* (FLAGS)");
  assert.deepEqual(d.sequenceSet().ranges, [{ first: 1, last: 1 }, { first: 3, last: Infinity }]);
  d.sp();
  assert.equal(d.peek(), 0x28);
  const saved = decoder("$ x");
  assert.equal(saved.sequenceSet().saved, true);
  assert.equal(saved.position, 1);
});

Deno.test("dates, quoted or not (RFC 9051 §9 date)", () => {
  for (const line of ["1-Feb-1994", "01-feb-1994", '"1-Feb-1994"', '"01-FEB-1994"']) {
    const d = decoder(line);
    assert.equal(d.date(), 8797);
    d.end();
  }
  const lines = [
    "",
    '"1-Feb-1994',
    "1-Feb-94",
    "1 Feb 1994",
    "31-Feb-1994",
    "0-Feb-1994",
    "1-Foo-1994",
    '""',
    "1-Feb-1994x",
  ];
  for (const line of lines) bad(() => decoder(line).date());
});

Deno.test("date-time (RFC 9051 §9)", () => {
  const d = decoder('"17-Jul-1996 02:44:25 -0700"');
  assert.equal(d.dateTime(), Date.UTC(1996, 6, 17, 9, 44, 25) / 1000);
  d.end();
  for (
    const line of ["17-Jul-1996", '"17-Jul-1996"', '"17-Jul-1996 02:44:25 -0700', "", '"17-Jul-1996 02:44:25 PDT"']
  ) {
    bad(() => decoder(line).dateTime());
  }
});

Deno.test("NUL is refused everywhere outside of literals (RFC 9051 §9)", () => {
  const line = bytes("\0");
  const readers: ((d: Decoder) => unknown)[] = [
    (d) => d.tag(),
    (d) => d.atom(),
    (d) => d.word(),
    (d) => d.astring(),
    (d) => d.string(),
    (d) => d.nstring(),
    (d) => d.number(),
    (d) => d.sequenceSet(),
    (d) => d.mailbox(),
    (d) => d.listMailbox(),
    (d) => d.flag(),
    (d) => d.date(),
    (d) => d.dateTime(),
    (d) => d.sp(),
    (d) => d.end(),
  ];
  for (const read of readers) bad(() => read(new Decoder(line, [])));
  bad(() => decoder('"a\0b"').string());
});

Deno.test("mailbox names before UTF8=ACCEPT are modified UTF-7 (RFC 3501 §5.1.3)", () => {
  const table: [string, string][] = [
    ["INBOX", "INBOX"],
    ["inBox", "INBOX"],
    ['"inbox"', "INBOX"],
    ["inbox/Work", "INBOX/Work"],
    ["Sent", "Sent"],
    ['"Sent Items"', "Sent Items"],
    ["Entw&APw-rfe", "Entwürfe"],
    ["&U,BTFw-/&ZeVnLIqe-", "台北/日本語"],
    ["R&-D", "R&D"],
    ["[Gmail]/All", "[Gmail]/All"],
    ['"a\\"b\\\\c"', 'a"b\\c'],
    // Sent by clients and people who do not know of it
    ['"R&D"', "R&D"],
    ['"Q & A"', "Q & A"],
    ["Johnson&Johnson", "Johnson&Johnson"],
    ['"Entwürfe"', "Entwürfe"],
    // NFC (RFC 5198 §2)
    ["u&Awg-", "ü"],
  ];
  for (const [line, name] of table) assert.equal(decoder(line).mailbox(), name);
  for (const line of ["&AGE-", "&Jjo!&-", "&2AA-", "&U,BTFw-&ZeVnLIqe-", "", "(", "a&-b&x"]) {
    bad(() => decoder(line).mailbox());
  }
  bad(() => decoder(new Uint8Array([0x22, 0xff, 0x22])).mailbox());
});

Deno.test("mailbox names in UTF-8 mode are UTF-8, & is a letter (RFC 9755 §3)", () => {
  const name = (line: string) => decoder(line, { utf8: true }).mailbox();
  assert.equal(name('"Entwürfe"'), "Entwürfe");
  assert.equal(name('"u\u0308"'), "ü");
  assert.equal(name("&APw-"), "&APw-");
  assert.equal(name("Inbox"), "INBOX");
});

Deno.test("names that can never be are NO [CANNOT]", () => {
  for (const line of ['""', "/a", "a/", "a//b", "a/../b", ".", '"a\x01"', "&AAE-", "x".repeat(1001)]) {
    no(() => decoder(line).mailbox(), "CANNOT");
  }
});

Deno.test("CREATE may name a mailbox with a separator at its end (RFC 9051 §6.3.4)", () => {
  assert.equal(decoder("Work/").newMailbox().name, "Work");
  assert.equal(decoder("Work/2024").newMailbox().name, "Work/2024");
  no(() => decoder("Work//").newMailbox(), "CANNOT");
  no(() => decoder("/").newMailbox(), "CANNOT");
});

Deno.test("LIST patterns (RFC 9051 §9 list-mailbox)", () => {
  const table: [string, string][] = [
    ["*", "*"],
    ["%", "%"],
    ["Work/%", "Work/%"],
    ['""', ""],
    ['"*"', "*"],
    ["&APw-*", "ü*"],
    ['"R&%"', "R&%"],
    ["inbox", "inbox"],
    ["[a]", "[a]"],
  ];
  for (const [line, pattern] of table) {
    const d = decoder(line);
    assert.equal(d.listMailbox(), pattern);
    d.end();
  }
  assert.equal(decoder('"ü%"', { utf8: true }).listMailbox(), "ü%");
  for (const line of ["", "(", ")", " ", "\\"]) bad(() => decoder(line).listMailbox());
});

Deno.test("faults say what was expected and where, and nothing of what was sent", () => {
  const d = decoder("a LOGIN alice \x01secret");
  d.position = 14;
  bad(() => d.astring(), /^expected a string or an atom at character 15$/);
});

Deno.test("what is read is a view, not a copy, where nothing is escaped", () => {
  const line = bytes('abc "def"');
  const d = new Decoder(line, []);
  assert.equal(d.astring().buffer, line.buffer);
  d.sp();
  const quoted = d.string();
  assert.equal(quoted.buffer, line.buffer);
  assert.equal(text(quoted), "def");
});
