// deno-lint-ignore-file no-control-regex -- the grammar of RFC 9051 speaks of control characters
/** Says whether a response is well-formed, by a grammar reader of its own (RFC 9051 §9); knows nothing of the server's code. */
import type { Response } from "../../tests/support/responses.ts";
import { isUtf8 } from "node:buffer";
import { bytesOf } from "./bytes.ts";
import { checkCode } from "./codes.ts";
import { fetchItems } from "./fetchcheck.ts";
import { flagList, pairs, Reader } from "./reader.ts";

/** What a connection has been told that decides what may follow. */
export interface Mode {
  /** 8-bit characters may stand in quoted strings. */
  readonly utf8: boolean;
  /** Texts for people may be UTF-8: a language was chosen (RFC 5255 §3.1). */
  readonly localised?: boolean;
  /** UIDONLY is enabled (RFC 9586). */
  readonly uidOnly?: boolean;
  /** QRESYNC is enabled (RFC 7162 §3.2.10). */
  readonly qresync?: boolean;
}

/** Responses that can end behind their name. */
const ALONE = /^(?:SEARCH|SORT|THREAD|ENABLED|CAPABILITY)$/;

/** @throws {Error} what is wrong */
export function checkResponse(response: Response, mode: Mode): void {
  const reader = new Reader(response, mode.utf8);
  if (reader.tryTake("+ ") || response.text === "+") return;
  if (!reader.tryTake("* ")) {
    reader.match(/[^ (){%*"\\+\x00-\x1f\x7f-\xff]+ (?:OK|NO|BAD) /y, "a tagged answer");
    return checkText(reader, mode);
  }
  if (/^\d/.test(reader.rest)) return checkNumbered(reader, mode);
  const word = reader.match(/[A-Z]+/y, "a response name");
  if (reader.atEnd && !ALONE.test(word)) reader.fail("nothing follows the name");
  if (reader.atEnd) return;
  reader.take(" ");
  const check = Object.hasOwn(RESPONSES, word) ? RESPONSES[word] : reader.fail("unknown response");
  check(reader, mode);
  if (check !== checkText) reader.end();
}

/** By name; each reads what stands behind the name and a space. */
const RESPONSES: Readonly<Record<string, (reader: Reader, mode: Mode) => void>> = {
  OK: checkText,
  NO: checkText,
  BAD: checkText,
  BYE: checkText,
  PREAUTH: checkText,
  FLAGS: (reader) => flagList(reader, reader.value()),
  LIST: checkList,
  LSUB: checkList,
  XLIST: checkList,
  VANISHED(reader) {
    reader.tryTake("(EARLIER) ");
    reader.set();
  },
  SEARCH: checkNumbers,
  SORT: checkNumbers,
  THREAD(reader) {
    do checkThread(reader); while (!reader.atEnd);
  },
  ESEARCH: checkESearch,
  UIDBATCHES(reader) {
    reader.take("(TAG ");
    reader.astring();
    reader.take(")");
    if (reader.tryTake(" ")) reader.set();
  },
  STATUS: checkStatus,
  METADATA: checkMetadata,
  ACL(reader) {
    reader.astring();
    do {
      reader.take(" ");
      reader.astring();
      reader.take(" ");
      rights(reader);
    } while (!reader.atEnd);
  },
  LISTRIGHTS(reader) {
    reader.astring();
    reader.take(" ");
    reader.astring();
    do {
      reader.take(" ");
      rights(reader);
    } while (!reader.atEnd);
  },
  MYRIGHTS(reader) {
    reader.astring();
    reader.take(" ");
    rights(reader);
  },
  LANGUAGE: (reader) => reader.list(() => reader.astring()),
  COMPARATOR(reader) {
    reader.astring();
    if (reader.tryTake(" ")) reader.list(() => reader.astring());
  },
  NAMESPACE(reader) {
    namespaces(reader);
    reader.take(" ");
    namespaces(reader);
    reader.take(" ");
    namespaces(reader);
  },
  CAPABILITY: values,
  ENABLED: values,
  ID: values,
  QUOTA: values,
  QUOTAROOT: values,
};

function values(reader: Reader): void {
  do reader.value(); while (reader.tryTake(" "));
}

function checkText(reader: Reader, { localised }: Mode): void {
  if (reader.tryTake("[")) checkCode(reader);
  const text = reader.match(/[^\r\n\0]+$/y, "text");
  if (!/[\x80-\xff]/.test(text)) return;
  if (!localised) reader.fail("8-bit characters in a text");
  if (!isUtf8(bytesOf(text))) reader.fail("invalid UTF-8 in a text");
}

function checkList(reader: Reader): void {
  const attributes = reader.value();
  if (attributes.is !== "list") return reader.fail("attributes are no list");
  if (attributes.items.some((item) => item.is !== "atom" || !item.text.startsWith("\\"))) {
    reader.fail("not an attribute");
  }
  reader.take(' "/" ');
  reader.astring();
  if (reader.tryTake(" ")) pairs(reader, reader.value());
}

function checkNumbers(reader: Reader): void {
  reader.match(/[1-9]\d*(?: [1-9]\d*)*/y, "numbers");
  if (!reader.atEnd) reader.match(/ \(MODSEQ \d+\)/y, "MODSEQ");
}

/** `thread-list`: `(3 6 (4 23)(44 7 96))`, where a nested part has two or more (RFC 5256 §5). */
function checkThread(reader: Reader, depth = 0): void {
  if (depth > 2000) reader.fail("nested too deep");
  reader.take("(");
  const members = reader.match(/(?:[1-9]\d*(?: (?=\d))?)*/y, "members");
  if (members !== "" && reader.tryTake(")")) return;
  if (members !== "") reader.take(" ");
  let nested = 0;
  while (!reader.tryTake(")")) {
    checkThread(reader, depth + 1);
    nested++;
  }
  if (nested < 2) reader.fail("a thread that does not branch");
}

/** RFC 4466 §2.6.2, RFC 5267 §3 to §5, RFC 6203 §4, RFC 7377 §2.1, RFC 9394 §3.2. */
function checkESearch(reader: Reader): void {
  reader.take("(TAG ");
  reader.astring();
  const several = reader.tryTake(" MAILBOX ");
  if (several) {
    reader.astring();
    reader.match(/ UIDVALIDITY [1-9]\d*/y, "UIDVALIDITY");
  }
  reader.take(")");
  if (!reader.tryTake(" UID") && several) reader.fail("message numbers of several mailboxes");
  const names = new Set<string>();
  while (!reader.atEnd) {
    const name = reader.match(/ [A-Z]+ /y, "a result").trim();
    if (names.has(name)) reader.fail(`${name} twice`);
    names.add(name);
    switch (name) {
      case "ALL":
        reader.set();
        break;
      case "MIN":
      case "MAX":
        reader.match(/[1-9]\d*/y, "a message");
        break;
      case "COUNT":
      case "MODSEQ":
        reader.number();
        break;
      case "PARTIAL":
        reader.match(/\((?:[1-9]\d*:[1-9]\d*|-[1-9]\d*:-[1-9]\d*) /y, "a range");
        if (!reader.tryTake("NIL")) reader.set();
        reader.take(")");
        break;
      case "RELEVANCY":
        if (!reader.tryTake("()")) reader.list(() => reader.match(/(?:100|[1-9]\d?)(?=[ )])/y, "a score"));
        break;
      case "ADDTO":
      case "REMOVEFROM":
        reader.list(() => {
          reader.match(/\d+ /y, "a position");
          reader.set();
        });
        break;
      default:
        reader.fail(`unknown result ${name}`);
    }
  }
}

function checkStatus(reader: Reader): void {
  reader.astring();
  reader.take(" ");
  const names = new Set<string>();
  reader.list(() => {
    const name = reader.match(/[A-Z-]+ /y, "a status item");
    if (names.has(name)) reader.fail(`${name} twice`);
    names.add(name);
    reader.match(name === "MAILBOXID " ? /\([A-Za-z0-9_-]+\)/y : /\d{1,19}/y, "a value");
  });
}

/** With values, or as a notice of changes without (RFC 5464 §4.4). */
function checkMetadata(reader: Reader): void {
  const entry = () => {
    if (!/^"?\/(?:private|shared)[/ "]/.test(reader.rest)) reader.fail("expected an entry");
    reader.astring();
  };
  reader.astring();
  reader.take(" ");
  if (reader.rest.startsWith("(")) {
    reader.list(() => {
      entry();
      reader.take(" ");
      const { is } = reader.value();
      if (is !== "string" && is !== "nil") reader.fail("a value that is no string");
    });
  } else do entry(); while (reader.tryTake(" "));
}

/** Letters and digits, the same never twice (RFC 4314 §7). */
function rights(reader: Reader): void {
  if (reader.tryTake('""')) return;
  const letters = reader.match(/[a-z0-9]+/y, "rights");
  if (new Set(letters).size < letters.length) reader.fail("a right twice");
}

function namespaces(reader: Reader): void {
  if (reader.tryTake("NIL")) return;
  reader.take("(");
  do {
    reader.take("(");
    reader.quoted();
    reader.match(/ "\/"/y, "the separator");
    while (reader.tryTake(" ")) {
      reader.quoted();
      reader.take(" ");
      reader.list(() => reader.quoted());
    }
    reader.take(")");
  } while (!reader.tryTake(")"));
}

function checkNumbered(reader: Reader, { uidOnly, qresync }: Mode): void {
  const number = reader.number();
  reader.take(" ");
  const word = reader.match(/EXISTS|RECENT|EXPUNGE|FETCH|UIDFETCH/y, "EXISTS, RECENT, EXPUNGE, FETCH or UIDFETCH");
  if (word === "EXPUNGE" && (uidOnly || qresync)) reader.fail("EXPUNGE instead of VANISHED");
  if (word === "FETCH" && uidOnly) reader.fail("FETCH instead of UIDFETCH");
  if (word === "UIDFETCH" && !uidOnly) reader.fail("UIDFETCH without UIDONLY");
  if (number === 0 && !/^(?:EXISTS|RECENT)$/.test(word)) reader.fail("message number 0");
  if (/FETCH$/.test(word)) {
    reader.take(" ");
    fetchItems(reader);
  }
  reader.end();
}
