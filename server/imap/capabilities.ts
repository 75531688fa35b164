/**
 * The one table of extensions. CAPABILITY, ENABLE and docs/extensions.md are made from it. A row is announced only where the
 * extension works on the connection that asks.
 */
import type { Channel, ServerContext } from "./context.ts";
import { messageLimit, saveLimit } from "./messagelimit.ts";
import type { Enabled, Session } from "./session.ts";
import { isWithheld } from "./withheld.ts";

type When = "always" | "beforeLogin" | "afterLogin";

export interface Extension {
  /** As announced; null for what has no capability of its own. */
  readonly name: string;
  readonly rfc: string;
  /** Where it lives, from the repository's root. */
  readonly source: string;
  /** A test that uses it through a live session. */
  readonly test: string;
  readonly when: When;
  /** The word that ENABLE takes (RFC 5161). */
  readonly enable?: Enabled;
  /** What is announced, where it is not the name alone; undefined: nothing. */
  readonly announce?: (view: CapabilityView) => string | undefined;
}

interface CapabilityView {
  readonly channel: Pick<Channel, "remote" | "secure" | "scope" | "tls" | "cleartextLogin" | "offersTls">;
  readonly session: Session;
  readonly server: ServerContext;
}

const IMAP = "server/imap";
const TESTS = "tests/imap";

export const EXTENSIONS: readonly Extension[] = [
  {
    name: "IMAP4rev2",
    rfc: "9051",
    source: `${IMAP}/connection.ts`,
    test: `${TESTS}/rev2.test.ts`,
    when: "always",
    enable: "IMAP4rev2",
  },
  { name: "IMAP4rev1", rfc: "3501", source: `${IMAP}/connection.ts`, test: `${TESTS}/basics.test.ts`, when: "always" },
  {
    name: "LITERAL+",
    rfc: "7888",
    source: `${IMAP}/intake.ts`,
    test: `${TESTS}/literals.test.ts`,
    when: "always",
    announce: ({ server }) => server.config.literalMinus ? undefined : "LITERAL+",
  },
  {
    name: "LITERAL-",
    rfc: "7888 §5",
    source: `${IMAP}/intake.ts`,
    test: `${TESTS}/literals.test.ts`,
    when: "always",
    announce: ({ server }) => server.config.literalMinus ? "LITERAL-" : undefined,
  },
  {
    name: "SASL-IR",
    rfc: "4959",
    source: `${IMAP}/commands/authenticate.ts`,
    test: `${TESTS}/login.test.ts`,
    when: "always",
  },
  { name: "ID", rfc: "2971", source: `${IMAP}/commands/id.ts`, test: `${TESTS}/basics.test.ts`, when: "always" },
  {
    name: "LANGUAGE",
    rfc: "5255 §3",
    source: `${IMAP}/commands/language.ts`,
    test: `${TESTS}/language.test.ts`,
    when: "always",
  },
  {
    name: "ENABLE",
    rfc: "5161",
    source: `${IMAP}/commands/enable.ts`,
    test: `${TESTS}/enable.test.ts`,
    when: "always",
  },
  {
    name: "STARTTLS",
    rfc: "9051 §6.2.1",
    source: `${IMAP}/commands/starttls.ts`,
    test: `${TESTS}/starttls.test.ts`,
    when: "beforeLogin",
    announce: ({ channel }) => channel.offersTls ? "STARTTLS" : undefined,
  },
  {
    name: "AUTH=",
    rfc: "9051 §6.2.2, 4616, 5802, 7677, 9266, 5929, 4422 A, 7628, 2195",
    source: `${IMAP}/commands/authenticate.ts`,
    test: `${TESTS}/authenticate.test.ts`,
    when: "beforeLogin",
    announce: ({ channel, server }) =>
      server.auth.mechanisms(channel, channel.cleartextLogin).map((name) => `AUTH=${name}`).join(" "),
  },
  {
    name: "LOGINDISABLED",
    rfc: "9051 §6.2.3",
    source: `${IMAP}/commands/login.ts`,
    test: `${TESTS}/login.test.ts`,
    when: "beforeLogin",
    announce: ({ channel }) => channel.cleartextLogin ? undefined : "LOGINDISABLED",
  },
  ...afterLogin([
    ["IDLE", "2177", "commands/idle.ts", "idle.test.ts"],
    ["NAMESPACE", "2342", "commands/namespace.ts", "list.test.ts"],
    ["BINARY", "3516", "fetch/binary.ts", "fetch-binary.test.ts"],
    ["UNSELECT", "3691", "commands/unselect.ts", "select.test.ts"],
    ["UIDPLUS", "4315", "commands/expunge.ts", "uidplus.test.ts"],
    ["ESEARCH", "4731", "search/answer.ts", "search-esearch.test.ts"],
    ["SEARCHRES", "5182", "commands/search.ts", "search-result.test.ts"],
    ["WITHIN", "5032", "search/keys.ts", "search-within.test.ts"],
    ["SORT", "5256", "commands/sort.ts", "sort.test.ts"],
    ["SORT=DISPLAY", "5957", "search/sort.ts", "sort.test.ts"],
    ["ESORT", "5267 §3", "commands/sort.ts", "sort.test.ts"],
    ["THREAD=REFERENCES", "5256", "search/thread/references.ts", "thread.test.ts"],
    ["THREAD=ORDEREDSUBJECT", "5256", "search/thread/orderedsubject.ts", "thread.test.ts"],
    ["THREAD=REFS", "draft-ietf-morg-inthread", "search/thread/references.ts", "thread.test.ts"],
    ["CONTEXT=SEARCH", "5267", "search/live.ts", "context.test.ts"],
    ["CONTEXT=SORT", "5267", "search/live.ts", "context.test.ts"],
    ["MULTISEARCH", "7377", "commands/esearch.ts", "multisearch.test.ts"],
    ["SEARCH=FUZZY", "6203", "search/fuzzy.ts", "fuzzy.test.ts"],
    ["FILTERS", "5466", "search/filters.ts", "filters.test.ts"],
    ["I18NLEVEL=2", "5255 §4", "search/comparator.ts", "comparator.test.ts"],
    ["LIST-EXTENDED", "5258", "commands/list.ts", "list.test.ts"],
    ["CHILDREN", "3348", "commands/list.ts", "list.test.ts"],
    ["LIST-STATUS", "5819", "commands/list.ts", "list.test.ts"],
    ["SPECIAL-USE", "6154", "commands/list.ts", "list.test.ts"],
    ["CREATE-SPECIAL-USE", "6154", "commands/create.ts", "mailboxes.test.ts"],
    ["STATUS=SIZE", "8438", "commands/status.ts", "status.test.ts"],
    ["MOVE", "6851", "commands/move.ts", "move.test.ts"],
    ["MULTIAPPEND", "3502", "commands/append.ts", "append.test.ts"],
    ["REPLACE", "8508", "commands/replace.ts", "replace.test.ts"],
    ["CATENATE", "4469", "incoming.ts", "catenate.test.ts"],
    ["URL-PARTIAL", "5550 §5.7.1", "messageurl.ts", "catenate.test.ts"],
    ["SAVEDATE", "8514", "fetch/items.ts", "fetch-data.test.ts"],
    ["OBJECTID", "8474", "objectid.ts", "objectid.test.ts"],
    ["PREVIEW", "8970", "fetch/items.ts", "fetch-data.test.ts"],
    ["QUOTA", "9208", "commands/getquota.ts", "quota.test.ts"],
    ["QUOTA=RES-STORAGE", "9208 §5.1", "commands/getquota.ts", "quota.test.ts"],
    ["QUOTA=RES-MESSAGE", "9208 §5.2", "commands/getquota.ts", "quota.test.ts"],
    ["QUOTASET", "9208 §4.1.3", "commands/setquota.ts", "quotaset.test.ts"],
    ["XLIST", "none; Gmail's", "commands/xlist.ts", "xlist.test.ts"],
    ["UNAUTHENTICATE", "8437", "commands/unauthenticate.ts", "unauthenticate.test.ts"],
    ["LIST-METADATA", "9590", "commands/list.ts", "list-metadata.test.ts"],
    ["ACL", "4314", "commands/setacl.ts", "acl.test.ts"],
    ["LIST-MYRIGHTS", "8440", "commands/list.ts", "acl.test.ts"],
    ["INPROGRESS", "9585", "progress.ts", "inprogress.test.ts"],
    ["NOTIFY", "5465", "commands/notify.ts", "notify.test.ts"],
    ["PARTIAL", "9394", "partial.ts", "partial.test.ts"],
    ["UIDBATCHES", "10022", "commands/uidbatches.ts", "uidbatches.test.ts"],
  ]),
  {
    name: "UIDONLY",
    rfc: "9586",
    source: `${IMAP}/uidonly.ts`,
    test: `${TESTS}/uidonly.test.ts`,
    when: "afterLogin",
    enable: "UIDONLY",
  },
  {
    name: "MESSAGELIMIT=",
    rfc: "9738",
    source: `${IMAP}/messagelimit.ts`,
    test: `${TESTS}/messagelimit.test.ts`,
    when: "afterLogin",
    announce: ({ server }) =>
      Number.isFinite(messageLimit(server)) ? `MESSAGELIMIT=${messageLimit(server)}` : undefined,
  },
  {
    name: "SAVELIMIT=",
    rfc: "9738",
    source: `${IMAP}/messagelimit.ts`,
    test: `${TESTS}/messagelimit.test.ts`,
    when: "afterLogin",
    announce: ({ server }) =>
      Number.isFinite(saveLimit(server)) && !Number.isFinite(messageLimit(server))
        ? `SAVELIMIT=${saveLimit(server)}`
        : undefined,
  },
  {
    name: "RIGHTS=",
    rfc: "4314 §2.2",
    source: `${IMAP}/rights.ts`,
    test: `${TESTS}/acl.test.ts`,
    when: "afterLogin",
    announce: () => "RIGHTS=kxte",
  },
  {
    name: "METADATA",
    rfc: "5464",
    source: `${IMAP}/commands/setmetadata.ts`,
    test: `${TESTS}/metadata.test.ts`,
    when: "afterLogin",
    enable: "METADATA",
  },
  {
    name: "METADATA-SERVER",
    rfc: "5464",
    source: `${IMAP}/commands/getmetadata.ts`,
    test: `${TESTS}/metadata.test.ts`,
    when: "afterLogin",
    enable: "METADATA-SERVER",
  },
  {
    name: "UTF8=ACCEPT",
    rfc: "9755",
    source: `${IMAP}/session.ts`,
    test: `${TESTS}/utf8.test.ts`,
    when: "afterLogin",
    enable: "UTF8=ACCEPT",
  },
  {
    name: "CONDSTORE",
    rfc: "7162 §3.1",
    source: `${IMAP}/commands/store.ts`,
    test: `${TESTS}/condstore.test.ts`,
    when: "afterLogin",
    enable: "CONDSTORE",
  },
  {
    name: "QRESYNC",
    rfc: "7162 §3.2",
    source: `${IMAP}/qresync.ts`,
    test: `${TESTS}/qresync.test.ts`,
    when: "afterLogin",
    enable: "QRESYNC",
  },
  {
    name: "APPENDLIMIT",
    rfc: "7889",
    source: `${IMAP}/commands/append.ts`,
    test: `${TESTS}/append.test.ts`,
    when: "always",
    announce: ({ server }) => `APPENDLIMIT=${server.config.limits.messageSize}`,
  },
  {
    name: "COMPRESS=DEFLATE",
    rfc: "4978",
    source: `${IMAP}/commands/compress.ts`,
    test: `${TESTS}/compress.test.ts`,
    when: "afterLogin",
    announce: ({ session }) => session.compressed ? undefined : "COMPRESS=DEFLATE",
  },
];

function afterLogin(rows: readonly (readonly [string, string, string, string])[]): Extension[] {
  return rows.map(([name, rfc, source, test]) => ({
    name,
    rfc,
    source: `${IMAP}/${source}`,
    test: `${TESTS}/${test}`,
    when: "afterLogin",
  }));
}

/** What CAPABILITY, the greeting and the OK of a login say on this connection (RFC 9051 §7.2.2). */
export function capabilityList(channel: CapabilityView["channel"], session: Session, server: ServerContext): string {
  const view = { channel, session, server };
  const now: When = session.account ? "afterLogin" : "beforeLogin";
  const words: string[] = [];
  for (const { name, when, announce } of EXTENSIONS) {
    if ((when !== "always" && when !== now) || isWithheld(session, name)) continue;
    const word = announce ? announce(view) : name;
    if (word) words.push(word);
  }
  return words.join(" ");
}

/** The extension that an ENABLE word turns on in this session; any case. */
export function enableable(word: string, session: Session): Enabled | undefined {
  const upper = word.toUpperCase();
  return EXTENSIONS.find(({ name, enable }) => enable?.toUpperCase() === upper && !isWithheld(session, name))?.enable;
}
