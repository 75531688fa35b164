import assert from "node:assert/strict";
import { mailboxName, matchesPattern, MAX_LEVELS } from "../../server/imap/wire/names.ts";
import { no } from "./lines.ts";
import { random } from "./random.ts";

Deno.test("INBOX in any case is INBOX, as a first level too (RFC 9051 §5.1)", () => {
  const table: [string, string][] = [
    ["inbox", "INBOX"],
    ["InBoX", "INBOX"],
    ["inbox/Work", "INBOX/Work"],
    ["Work/inbox", "Work/inbox"],
    ["inboxes", "inboxes"],
    ["inbox ", "inbox "],
    // Dotless and dotted i are letters of their own.
    ["ınbox", "ınbox"],
    ["İnbox", "İnbox"],
  ];
  for (const [text, name] of table) assert.equal(mailboxName(text), name.normalize("NFC"));
});

Deno.test("names are NFC (RFC 5198 §2)", () => {
  assert.equal(mailboxName("A\u030angstro\u0308m"), "\u00c5ngstr\u00f6m");
  assert.equal(mailboxName("\u212b"), "\u00c5");
});

Deno.test("names that can never be are NO [CANNOT] (RFC 9755 §3, RFC 5198 §2)", () => {
  const never = ["", "/", "/a", "a/", "a//b", ".", "..", "a/.", "./a", "a/../b"];
  never.push("a\0", "a\r\nb", "\x1f", "\x7f", "\x80", "\x9f", "\u2028", "\u2029", "\ud800", "a\udc00");
  never.push("x".repeat(1001), "é".repeat(501), "x".repeat(1_000_000), Array(MAX_LEVELS + 1).fill("a").join("/"));
  for (const name of never) no(() => mailboxName(name), "CANNOT");
});

Deno.test("all else is a name", () => {
  const fine = ["...", ".a", "a.b", " a", "a ", "~peter", "#news", "50%", "a*b", "\\", '"', "a\u00a0b", "日本語", "👩‍👩‍👧"];
  fine.push("x".repeat(1000), "é".repeat(500), Array(MAX_LEVELS).fill("a").join("/"), "NIL", "INBOX/INBOX");
  for (const name of fine) assert.equal(mailboxName(name), name);
});

Deno.test("LIST wildcards (RFC 9051 §6.3.9)", () => {
  const table: [string, string, boolean][] = [
    ["*", "a/b/c", true],
    ["%", "a", true],
    ["%", "a/b", false],
    ["%/%", "a/b", true],
    ["%/%", "a/b/c", false],
    ["a/%", "a/b", true],
    ["a/%", "a", false],
    ["a/%", "a/", true],
    ["a%", "a", true],
    ["a%", "a/b", false],
    ["a*", "a/b", true],
    ["*b", "a/b", true],
    ["*b", "a/bc", false],
    ["%b", "a/b", false],
    ["*%", "a/b", true],
    ["%*", "a/b", true],
    ["%%", "a/b", false],
    ["a*/%/c", "a/b/c", true],
    ["a*/%/c", "a/x/b/c", true],
    ["*a*b*c*", "xaybzc", true],
    ["*a*b*c*", "xaybz", false],
    ["a/b", "a/b", true],
    ["a/b", "a/B", false],
    ["a", "ab", false],
    ["ab", "a", false],
    ["", "", true],
    ["", "a", false],
    ["*", "", true],
    ["ü%", "üb", true],
    // A pattern's other signs are letters.
    ["a.b", "axb", false],
    ["[ab]", "a", false],
    ["?", "a", false],
  ];
  for (const [pattern, name, expected] of table) {
    assert.equal(matchesPattern(pattern, name), expected, `${pattern} ${name}`);
  }
});

Deno.test("INBOX compares without regard to case in patterns (RFC 9051 §6.3.9)", () => {
  for (const pattern of ["inbox", "INBOX", "InB%", "i*", "%nbox", "*x"]) {
    assert.ok(matchesPattern(pattern, "INBOX"), pattern);
  }
  for (const pattern of ["inbox/work", "inbox/%"]) assert.equal(matchesPattern(pattern, "INBOX/work"), true, pattern);
  assert.equal(matchesPattern("inbox/WORK", "INBOX/work"), false);
  assert.equal(matchesPattern("inboxes", "INBOXES"), false);
  assert.equal(matchesPattern("work/inbox", "work/INBOX"), false);
  assert.equal(matchesPattern("INBOX", "inboxes"), false);
});

Deno.test("patterns agree with the obvious slow way", () => {
  const slow = (p: string, n: string): boolean => {
    if (p === "") return n === "";
    if (p[0] === "*") return slow(p.slice(1), n) || (n !== "" && slow(p, n.slice(1)));
    if (p[0] === "%") return slow(p.slice(1), n) || (n !== "" && n[0] !== "/" && slow(p, n.slice(1)));
    return n !== "" && p[0] === n[0] && slow(p.slice(1), n.slice(1));
  };
  const r = random(8);
  for (let round = 0; round < 20_000; round++) {
    const pattern = Array.from({ length: r.int(7) }, () => r.pick("ab/%*")).join("");
    const name = Array.from({ length: r.int(8) }, () => r.pick("ab/")).join("");
    assert.equal(matchesPattern(pattern, name), slow(pattern, name), `${pattern} ${name}`);
  }
});

Deno.test("patterns made to be slow are not", () => {
  const name = "a/".repeat(499) + "a";
  assert.equal(matchesPattern("*%".repeat(30_000), name), true);
  assert.equal(matchesPattern("%a*".repeat(20_000) + "b", name), false);
  assert.equal(matchesPattern("*a%".repeat(250) + "b", name), false);
  assert.equal(matchesPattern("%".repeat(60_000), name), false);
});
