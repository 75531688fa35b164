/**
 * The one table of extensions. CAPABILITY, ENABLE and docs/extensions.md are made from it. A row is announced only where the
 * extension works on the connection that asks.
 */
import type { Channel, ServerContext } from "./context.ts";
import type { Enabled, Session } from "./session.ts";

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
  readonly channel: Pick<Channel, "remote" | "secure" | "cleartextLogin">;
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
  { name: "LITERAL+", rfc: "7888", source: `${IMAP}/intake.ts`, test: `${TESTS}/literals.test.ts`, when: "always" },
  {
    name: "SASL-IR",
    rfc: "4959",
    source: `${IMAP}/commands/authenticate.ts`,
    test: `${TESTS}/login.test.ts`,
    when: "always",
  },
  { name: "ID", rfc: "2971", source: `${IMAP}/commands/id.ts`, test: `${TESTS}/basics.test.ts`, when: "always" },
  {
    name: "ENABLE",
    rfc: "5161",
    source: `${IMAP}/commands/enable.ts`,
    test: `${TESTS}/enable.test.ts`,
    when: "always",
  },
  {
    name: "AUTH=",
    rfc: "9051 §6.2.2, 4616, 5802, 7677, 2195",
    source: `${IMAP}/commands/authenticate.ts`,
    test: `${TESTS}/login.test.ts`,
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
    ["LIST-EXTENDED", "5258", "commands/list.ts", "list.test.ts"],
    ["CHILDREN", "3348", "commands/list.ts", "list.test.ts"],
    ["LIST-STATUS", "5819", "commands/list.ts", "list.test.ts"],
    ["SPECIAL-USE", "6154", "commands/list.ts", "list.test.ts"],
    ["CREATE-SPECIAL-USE", "6154", "commands/create.ts", "mailboxes.test.ts"],
    ["STATUS=SIZE", "8438", "commands/status.ts", "status.test.ts"],
    ["MOVE", "6851", "commands/move.ts", "move.test.ts"],
    ["MULTIAPPEND", "3502", "commands/append.ts", "append.test.ts"],
    ["SAVEDATE", "8514", "fetch/items.ts", "fetch-data.test.ts"],
    ["OBJECTID", "8474", "objectid.ts", "objectid.test.ts"],
    ["PREVIEW", "8970", "fetch/items.ts", "fetch-data.test.ts"],
    ["QUOTA", "9208", "commands/getquota.ts", "quota.test.ts"],
    ["QUOTA=RES-STORAGE", "9208 §5.1", "commands/getquota.ts", "quota.test.ts"],
    ["QUOTA=RES-MESSAGE", "9208 §5.2", "commands/getquota.ts", "quota.test.ts"],
    ["INPROGRESS", "9585", "connection.ts", "inprogress.test.ts"],
  ]),
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
    if (when !== "always" && when !== now) continue;
    const word = announce ? announce(view) : name;
    if (word) words.push(word);
  }
  return words.join(" ");
}

/** The extension that an ENABLE word turns on; any case. */
export function enableable(word: string): Enabled | undefined {
  const upper = word.toUpperCase();
  return EXTENSIONS.find(({ enable }) => enable?.toUpperCase() === upper)?.enable;
}
