/** Valid commands of extensions that bring their own: searching and sorting, rights, annotations, notifications, languages. */
import { utf8 } from "./bytes.ts";
import type { Grammar } from "./grammar.ts";

const CRITERIA = ["ARRIVAL", "CC", "DATE", "FROM", "SIZE", "SUBJECT", "TO", "DISPLAYFROM", "DISPLAYTO"];
const RIGHTS = [..."lrswipkxteacd"];

const uid = (g: Grammar) => g.maybe("UID ");

/** `one-or-more-mailbox` (RFC 5465 §8). */
function mailboxes(g: Grammar): string {
  return g.random.chance(0.5) ? g.mailbox() : `(${g.many(3, () => g.mailbox())})`;
}

function rights(g: Grammar): string {
  return `${g.one("", "+", "-")}${g.maybe(g.random.some(RIGHTS).join(""), 0.95)}` || '""';
}

function identifier(g: Grammar): string {
  return g.astring(g.one(g.other(), g.other(), "anyone", "anyone", `-${g.other()}`, "-anyone", g.address, "nobody"));
}

function event(g: Grammar): string {
  const messages = ["MessageNew", "MessageExpunge", g.maybe("FlagChange")];
  const names = g.random.some(["MailboxName", "SubscriptionChange", "MailboxMetadataChange", "ServerMetadataChange"]);
  return g.one(
    () => "NONE",
    () => `(${messages.filter((word) => word !== "").join(" ")})`,
    () => `(${[...messages, ...names].filter((word) => word !== "").join(" ")})`,
    () => `(${[...names, g.maybe("AnnotationChange", 0.1)].filter((word) => word !== "").join(" ")})`,
  )();
}

function selectedGroup(g: Grammar): string {
  const items = g.maybe(` (${g.many(4, () => g.fetchItem())})`, 0.4);
  const events = g.one("NONE", `(MessageNew${items} MessageExpunge${g.maybe(" FlagChange", 0.7)})`);
  return `(SELECTED${g.maybe("-DELAYED", 0.4)} ${events})`;
}

function eventGroup(g: Grammar): string {
  const where = g.one(
    () => "INBOXES",
    () => "PERSONAL",
    () => "SUBSCRIBED",
    () => `MAILBOXES ${mailboxes(g)}`,
    () => `SUBTREE ${mailboxes(g)}`,
  )();
  return `(${where} ${event(g)})`;
}

/** Search keys as the value of a filter, other text, anything. */
function annotation(g: Grammar): string {
  return g.one(
    () => "NIL",
    () => g.text(),
    () => g.string(g.searchKey().replace(/\{(\d+)\+\}\r\n/g, "")),
    () => g.string(utf8(g.one("SEEN", "FILTER f1", "OR FILTER f1 FILTER f2", 'SUBJECT "ß"'))),
    () => `~{${g.one("4+}\r\na\0b\0", "0+}\r\n", "2+}\r\n\xff\xfe")}`,
    () => `{3000+}\r\n${"x".repeat(3000)}`,
  )();
}

function source(g: Grammar): string {
  return g.one<() => string>(
    () => g.one("selected", "inboxes", "personal", "subscribed"),
    () => `${g.one("mailboxes", "subtree", "subtree-one")} ${mailboxes(g)}`,
  )();
}

export const EXTENDED: Readonly<Record<string, (g: Grammar) => string>> = {
  CANCELUPDATE: (g) => `CANCELUPDATE ${g.many(2, () => `"${g.one("x", ...g.tags)}"`)}`,
  COMPARATOR: (g) =>
    `COMPARATOR${
      g.maybe(` ${g.many(3, () => g.one("i;octet", "i;ascii-casemap", "i;unicode-casemap", '"i;*"', '"x"'))}`, 0.8)
    }`,
  DELETEACL: (g) => `DELETEACL ${g.mailbox()} ${identifier(g)}`,
  ESEARCH: (g) => {
    const sources = g.maybe(`IN (${g.many(3, () => source(g))}) `, 0.8);
    const charset = g.maybe(`CHARSET ${g.charset()} `, 0.1);
    const returned = g.maybe(`${g.returns()} `);
    return `${uid(g)}ESEARCH ${sources}${returned}${charset}${g.searchKeys(returned)}`;
  },
  GETACL: (g) => `GETACL ${g.mailbox()}`,
  GETMETADATA: (g) => {
    const options = g.one("DEPTH 0", "DEPTH 1", "DEPTH infinity", `MAXSIZE ${g.number()}`, "MAXSIZE 5 DEPTH infinity");
    const entries = g.one(g.entry(), `(${g.many(4, () => g.entry())})`);
    return `GETMETADATA ${g.maybe(`(${options}) `)}${g.one('""', g.mailbox())} ${entries}`;
  },
  LANGUAGE: (g) =>
    `LANGUAGE${g.maybe(` ${g.many(3, () => g.one("de", "en", "default", '"de-AT"', "fr", '"*"'))}`, 0.8)}`,
  LISTRIGHTS: (g) => `LISTRIGHTS ${g.mailbox()} ${identifier(g)}`,
  MYRIGHTS: (g) => `MYRIGHTS ${g.mailbox()}`,
  NOTIFY: (g) => {
    if (g.random.chance(0.1)) return "NOTIFY NONE";
    const groups = [...g.random.chance(0.7) ? [selectedGroup(g)] : [], g.many(3, () => eventGroup(g))];
    return `NOTIFY SET ${g.maybe("STATUS ")}${groups.join(" ")}`;
  },
  SETACL: (g) => `SETACL ${g.mailbox()} ${identifier(g)} ${rights(g)}`,
  SETMETADATA: (g) =>
    `SETMETADATA ${g.one('""', '""', g.mailbox())} (${g.many(3, () => `${g.entry()} ${annotation(g)}`)})`,
  SORT: (g) => {
    const criteria = g.many(4, () => `${g.maybe("REVERSE ", 0.3)}${g.one(...CRITERIA, "RELEVANCY")}`);
    const returned = g.maybe(`${g.returns()} `, 0.4);
    return `${uid(g)}SORT ${returned}(${criteria}) ${g.charset()} ${g.searchKeys(returned + criteria)}`;
  },
  STARTTLS: () => "STARTTLS",
  THREAD: (g) =>
    `${uid(g)}THREAD ${g.one("REFERENCES", "ORDEREDSUBJECT", "REFS")} ${g.charset()} ${
      g.many(2, () => g.one("ALL", g.searchKey()))
    }`,
  UIDBATCHES: (g) =>
    `UIDBATCHES ${g.one("500", "1000", "4294967295", g.number())}${g.maybe(` ${g.one("1:1", "1:3", "2:9")}`)}`,
  UNAUTHENTICATE: () => "UNAUTHENTICATE",
};
