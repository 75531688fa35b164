import assert from "node:assert/strict";
import { checkResponse, type Mode } from "../../scripts/fuzz/check.ts";
import { body, fetchItems } from "../../scripts/fuzz/fetchcheck.ts";
import { Reader } from "../../scripts/fuzz/reader.ts";
import { bytesOf } from "../../scripts/fuzz/bytes.ts";
import { type Response, ResponseReader } from "../support/responses.ts";

function read(bytes: string): Response[] {
  const reader = new ResponseReader();
  const found: Response[] = [];
  // Byte by byte, so that every boundary falls everywhere.
  for (const byte of bytesOf(bytes)) {
    reader.push(new Uint8Array([byte]));
    for (let response = reader.next(); response; response = reader.next()) found.push(response);
  }
  assert.equal(reader.pending, 0);
  return found;
}

const GOOD = [
  "* OK [CAPABILITY IMAP4rev2] ready {5}",
  "* BYE [TOOBIG] no",
  "+ ready",
  "+ ",
  "a1 OK done",
  "a1 NO [BADCHARSET (US-ASCII UTF-8)] not known",
  "* FLAGS (\\Seen $Forwarded)",
  "* OK [PERMANENTFLAGS (\\Seen \\*)] ok",
  '* LIST () "/" INBOX',
  '* LIST (\\HasNoChildren) "/" "a b" ("CHILDINFO" ("SUBSCRIBED"))',
  '* LIST (\\Noselect) "/" ""',
  "* SEARCH",
  "* SEARCH 1 2 3 (MODSEQ 9)",
  '* ESEARCH (TAG "a") UID COUNT 3 ALL 1:3,7',
  '* STATUS "x" (MESSAGES 1 MAILBOXID (F1))',
  '* NAMESPACE (("" "/")) NIL NIL',
  "* VANISHED (EARLIER) 1:3,5",
  "* 3 EXISTS",
  "* SORT 5 2 (MODSEQ 9)",
  "* THREAD",
  "* THREAD (2)(3 6 (4 23)(44 7 96))((1)(5))",
  '* ESEARCH (TAG "a" MAILBOX INBOX UIDVALIDITY 7) UID ALL 1',
  '* ESEARCH (TAG "a") UID PARTIAL (-1:-9 NIL) RELEVANCY (100 4 1) MODSEQ 9',
  '* ESEARCH (TAG "a") ADDTO (0 1:2)',
  '* ESEARCH (TAG "a") UID REMOVEFROM (3 9 1 7:8)',
  '* UIDBATCHES (TAG "a") 9:4,3',
  "* VANISHED 4",
  '* METADATA "" (/private/a "x" /shared/b NIL)',
  "* METADATA INBOX /private/a /shared/b",
  '* ACL INBOX alice@example.org lrs anyone ""',
  '* LISTRIGHTS INBOX bob@example.org "" l r s',
  "* MYRIGHTS INBOX lrs",
  "* LANGUAGE (EN DE i-default)",
  "* COMPARATOR i;octet (i;octet i;ascii-casemap)",
  '* XLIST (\\Inbox) "/" INBOX',
  'a OK [INPROGRESS ("a]" 3 NIL)] working',
  'a NO [NOUPDATE "a"] no',
  "a OK [METADATA LONGENTRIES 9] done",
  "* 1 FETCH (UID 3 FLAGS () MODSEQ (4))",
  "* 1 FETCH (BODY[HEADER.FIELDS (a {1}\r\nb)]<3> {3}\r\n)\r\n)",
  '* 1 FETCH (INTERNALDATE " 1-Jan-2020 00:00:00 +0000" PREVIEW NIL BINARY.SIZE[1] 4)',
  '* 1 FETCH (ENVELOPE (NIL "s" (("a" NIL "b" "c")(NIL NIL "d" "e")) NIL NIL NIL NIL NIL NIL NIL))',
];

const BAD = [
  "*  OK two spaces",
  "* OK",
  "a1 FINE done",
  "a1 OK [CODE without end",
  "a1 OK caf\xe9",
  "* 3 EXISTS ",
  "* SORT 2 0",
  "* THREAD (2",
  "* THREAD ((3))",
  "* THREAD (3 (4))",
  "* THREAD ()",
  '* ESEARCH (TAG "a" MAILBOX INBOX UIDVALIDITY 7) ALL 1',
  '* ESEARCH (TAG "a") MIN 0',
  '* ESEARCH (TAG "a") RELEVANCY (101)',
  '* ESEARCH (TAG "a") ADDTO (1)',
  '* ESEARCH (TAG "a") PARTIAL (1:-3 NIL)',
  "* METADATA INBOX",
  "* METADATA INBOX (/private/a)",
  "* METADATA INBOX /other/a",
  "* ACL INBOX alice@example.org",
  "* MYRIGHTS INBOX ll",
  "* LANGUAGE EN",
  "* 1 UIDFETCH (FLAGS ())",
  "a NO [NOSUCHCODE] no",
  "a OK [APPENDUID 1] done",
  "a NO [CANNOT here] no",
  "* 0 FETCH (UID 1)",
  "* 1 FETCH (UID 1",
  "* 1 FETCH (UID 1))",
  "* 1 FETCH ()",
  "* 1 FETCH (UID 1 UID 1)",
  "* 1 FETCH (UID 0)",
  "* 1 FETCH (FLAGS NIL)",
  '* 1 FETCH (PREVIEW "\xe9")',
  "* 1 FETCH (ENVELOPE (NIL NIL))",
  '* 1 FETCH (INTERNALDATE "yesterday")',
  '* LIST () "/"',
  "* SEARCH 1 2 ",
  "* NOSUCH thing",
  '* STATUS "x" ()',
];

Deno.test("well-formed responses of RFC 9051 §7 are found well-formed", () => {
  for (const text of GOOD) {
    const responses = read(`${text}\r\n`);
    assert.equal(responses.length, 1, text);
    checkResponse(responses[0], { utf8: false });
  }
});

Deno.test("responses against the grammar of RFC 9051 §9 are found out", () => {
  for (const text of BAD) {
    for (const response of read(`${text}\r\n`)) {
      assert.throws(() => checkResponse(response, { utf8: false }), Error, text);
    }
  }
});

Deno.test("UTF-8 in quoted strings is well-formed only where it is enabled (RFC 9755 §3)", () => {
  const [good] = read('* 1 FETCH (PREVIEW "\xc3\xa9")\r\n');
  checkResponse(good, { utf8: true });
  assert.throws(() => checkResponse(good, { utf8: false }));
  assert.throws(() => checkResponse(read('* 1 FETCH (PREVIEW "\xe9")\r\n')[0], { utf8: true }));
});

Deno.test("what was enabled decides what may follow (RFC 7162 §3.2.10, 9586 §3, 5255 §3.1)", () => {
  const responses = ["* 1 EXPUNGE", "* 1 FETCH (FLAGS ())", "* 1 UIDFETCH (FLAGS ())", "a OK \xc3\xa9"];
  const accepted = (mode: Partial<Mode>) =>
    responses.map((text) => {
      try {
        checkResponse(read(`${text}\r\n`)[0], { utf8: false, ...mode });
        return true;
      } catch {
        return false;
      }
    });
  assert.deepEqual(accepted({}), [true, true, false, false]);
  assert.deepEqual(accepted({ qresync: true }), [false, true, false, false]);
  assert.deepEqual(accepted({ uidOnly: true }), [false, false, true, false]);
  assert.deepEqual(accepted({ localised: true }), [true, true, false, true]);
});

Deno.test("a line must end in CRLF and hold no NUL (RFC 9051 §2.2)", () => {
  for (const bytes of ["* OK x\n", "* OK x\ry\r\n", "* OK \0\r\n"]) assert.throws(() => read(bytes), Error, bytes);
});

Deno.test("the leaves of a body structure have their paths and sizes (RFC 9051 §6.4.5.1)", () => {
  const text = '("text" "plain" NIL NIL NIL "7bit" 3 1)';
  const envelope = "(NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL)";
  const message = `("message" "rfc822" NIL NIL NIL "7bit" 99 ${envelope} (${text}${text} "mixed") 7)`;
  const [response] = read(`* 1 FETCH (BODY (${text}${message} "mixed"))\r\n`);
  checkResponse(response, { utf8: false });
  const reader = new Reader(response, false);
  reader.match(/\* \d+ FETCH /y, "FETCH");
  const leaves = body(reader, fetchItems(reader).get("BODY"), false);
  assert.deepEqual(leaves.map(({ path, size }) => `${path} ${size}`), ["1 3", "2 99", "2.1 3", "2.2 3"]);
});
