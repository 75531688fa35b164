/** Valid commands of every kind, put together from the parts that a grammar gives. */
import { EXTENDED } from "./extended.ts";
import type { Grammar } from "./grammar.ts";

const USES = ["\\Archive", "\\Drafts", "\\Junk", "\\Sent", "\\Trash", "\\All", "\\Flagged", "\\Important"];
/** Seldom those that leave a session without message numbers. */
const ENABLEABLE = [
  ...["CONDSTORE", "CONDSTORE", "QRESYNC", "METADATA", "METADATA", "METADATA-SERVER", "IMAP4rev2", "UTF8=ACCEPT"],
  ...["X-NONE", "X-NONE", "X-NONE", "UIDONLY"],
];

const uid = (g: Grammar) => g.maybe("UID ");

/** By the names of server/imap/commands/table.ts. */
export const COMMANDS: Readonly<Record<string, (g: Grammar) => string>> = {
  ...EXTENDED,
  APPEND: (g) => `APPEND ${g.mailbox()} ${g.many(3, () => g.message())}`,
  AUTHENTICATE: (g) =>
    `AUTHENTICATE ${g.one("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-1", "CRAM-MD5", "LOGIN")}${
      g.maybe(` ${g.one("=", "AGZ1enoAc2VjcmV0", "biwsbj1mdXp6LHI9YWJj", "!!!!")}`)
    }`,
  CAPABILITY: () => "CAPABILITY",
  CHECK: () => "CHECK",
  CLOSE: () => "CLOSE",
  COMPRESS: (g) => `COMPRESS ${g.one("GZIP", "X")}`, // DEFLATE has a state of its own
  COPY: (g) => `${uid(g)}COPY ${g.set()} ${g.mailbox()}`,
  CREATE: (g) => `CREATE ${g.mailbox()}${g.maybe(` (USE (${g.many(2, () => g.random.pick(USES))}))`, 0.2)}`,
  DELETE: (g) => `DELETE ${g.mailbox()}`,
  ENABLE: (g) => `ENABLE ${g.many(3, () => g.random.pick(ENABLEABLE))}`,
  EXAMINE: (g) => `EXAMINE ${g.mailbox()}${g.maybe(" (CONDSTORE)", 0.2)}`,
  EXPUNGE: (g) => g.one("EXPUNGE", `UID EXPUNGE ${g.set()}`),
  FETCH: (g) => {
    const items = g.one(
      () => g.one("ALL", "FULL", "FAST"),
      () => g.fetchItem(),
      () => `(${g.many(5, () => g.fetchItem())})`,
    )();
    const changed = g.maybe(`CHANGEDSINCE ${g.number()}${g.maybe(" VANISHED", 0.3)}`, 0.2);
    const modifiers = [changed, g.maybe(`PARTIAL ${g.window()}`, 0.2)].filter((word) => word !== "").join(" ");
    const prefix = modifiers.includes("PARTIAL") && g.random.chance(0.9) ? "UID " : uid(g);
    return `${prefix}FETCH ${g.set()} ${items}${modifiers === "" ? "" : ` (${modifiers})`}`;
  },
  GETQUOTA: (g) => `GETQUOTA ${g.astring(g.one("", "x"))}`,
  GETQUOTAROOT: (g) => `GETQUOTAROOT ${g.mailbox()}`,
  ID: (g) => `ID ${g.one("NIL", "()", `("name" ${g.text()} "version" NIL)`)}`,
  IDLE: (g) => `IDLE\r\n${g.one("DONE", "done", "DONE", "no")}`,
  LIST: (g) => {
    const selection = `(${g.random.some(["SUBSCRIBED", "REMOTE", "RECURSIVEMATCH", "SPECIAL-USE"]).join(" ")}) `;
    const pattern = () =>
      g.one("*", "%", '"*"', "a/%", '"*b*"', "INBOX", '""', "%/%", '"a*%*%"', "Shared/*", '"Shared/%/%"', "Shared");
    const values = [`STATUS ${g.statusItems()}`, "MYRIGHTS", `METADATA (${g.many(3, () => g.entry())})`];
    const returned = g.random.some(["SUBSCRIBED", "CHILDREN", "SPECIAL-USE", ...values]).join(" ");
    const patterns = g.one(pattern(), `(${g.many(3, pattern)})`);
    return `LIST ${g.maybe(selection, 0.3)}${g.one('""', "a", '"a/b"')} ${patterns}${
      g.maybe(` RETURN (${returned})`, 0.4)
    }`;
  },
  LOGIN: (g) => `LOGIN ${g.astring(g.address)} ${g.astring(g.one("secret", "wrong"))}`,
  LOGOUT: () => "LOGOUT",
  LSUB: (g) => `LSUB "" ${g.one("*", "%", '"a/*"')}`,
  MOVE: (g) => `${uid(g)}MOVE ${g.set()} ${g.mailbox()}`,
  NAMESPACE: () => "NAMESPACE",
  NOOP: () => "NOOP",
  RENAME: (g) => `RENAME ${g.mailbox()} ${g.mailbox()}`,
  REPLACE: (g) => `${uid(g)}REPLACE ${g.one("1", "2", "*", g.number())} ${g.mailbox()} ${g.message()}`,
  SEARCH: (g) => {
    const charset = g.maybe(`CHARSET ${g.charset()} `, 0.2);
    const returned = g.maybe(`${g.returns()} `);
    return `${uid(g)}SEARCH ${returned}${charset}${g.searchKeys(returned)}`;
  },
  SELECT: (g) =>
    `SELECT ${g.mailbox()}${g.maybe(` (QRESYNC (${g.number()} ${g.number()} ${g.set()} (1:3 1:3)))`, 0.2)}`,
  SETQUOTA: (g) => {
    const limits = g.many(2, () => `${g.one("STORAGE", "MESSAGE", "X")} ${g.number()}`);
    return `SETQUOTA ${g.astring(g.one("", "#user/a", "x"))} (${g.maybe(limits, 0.8)})`;
  },
  STATUS: (g) => `STATUS ${g.mailbox()} ${g.statusItems()}`,
  STORE: (g) => {
    const condition = g.maybe(`(UNCHANGEDSINCE ${g.number()}) `, 0.2);
    return `${uid(g)}STORE ${g.set()} ${condition}${g.one("", "+", "-")}FLAGS${g.maybe(".SILENT", 0.3)} ${g.flags()}`;
  },
  SUBSCRIBE: (g) => `SUBSCRIBE ${g.mailbox()}`,
  UNSUBSCRIBE: (g) => `UNSUBSCRIBE ${g.mailbox()}`,
  UNSELECT: () => "UNSELECT",
  XLIST: (g) => `XLIST "" ${g.one("*", "%", '"a/*"')}`,
};
