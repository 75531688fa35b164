/**
 * The configuration: its one source. Validation, defaults, the JSON Schema, the example file and docs/configuration.md are all
 * made from this schema; `describe()` texts are what the administrator reads there.
 */
import { isIP } from "node:net";
import { z } from "zod";
import { parseNetwork } from "../../auth/networks.ts";
import { acmeSchema } from "./acmeschema.ts";
import { oauthSchema } from "./oauth.ts";

// A configuration is read once: to compile the schema for it takes longer than that.
z.config({ jitless: true });

const UNITS: Readonly<Record<string, number>> = { "": 1, k: 2 ** 10, m: 2 ** 20, g: 2 ** 30, t: 2 ** 40 };
const SIZE = /^(\d{1,15})\s?([kmgt]?)(?:i?b)?$/i;

/** Bytes of "100 MiB", "10G" or "5"; undefined for any other text. */
export function parseSize(text: string): number | undefined {
  const match = SIZE.exec(text);
  const size = match ? Number(match[1]) * UNITS[match[2].toLowerCase()] : NaN;
  return Number.isSafeInteger(size) ? size : undefined;
}

const SPANS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400, w: 7 * 86_400 };
const SPAN = /^(\d{1,9})\s?([smhdw])$/;

/** Seconds of "30d", "12h" or "2w"; undefined for any other text. */
export function parseSpan(text: string): number | undefined {
  const match = SPAN.exec(text);
  return match ? Number(match[1]) * SPANS[match[2]] : undefined;
}

/** Seconds, as text with a unit: "30d", "12h", "2w". */
function span() {
  return z.string().regex(SPAN, { error: 'expected a span of time as "30d", "12h" or "2w"' })
    .transform((text) => parseSpan(text) ?? 0)
    .meta({ unit: "span" });
}

/** Bytes, as a number or as text with a unit of 1024: "100 MiB", "10G". */
function bytes(defaultValue: number, least = 0) {
  const expected = 'expected a number of bytes or a size as "100 MiB"';
  return z.union([z.int().min(least), z.string().regex(SIZE, { error: expected })], { error: expected })
    .transform((value, context) => {
      const size = typeof value === "number" ? value : parseSize(value);
      if (size !== undefined && size >= least) return size;
      context.issues.push({ code: "custom", input: value, message: `expected at least ${least} bytes` });
      return z.NEVER;
    })
    .prefault(defaultValue)
    .meta({ unit: "bytes" });
}

function count(defaultValue: number, least = 1, most = 1_000_000_000) {
  return z.int().min(least).max(most).default(defaultValue);
}

function seconds(defaultValue: number, least = 1, most = 86_400) {
  return z.number().min(least).max(most).default(defaultValue).meta({ unit: "seconds" });
}

const limits = z.strictObject({
  commandLine: bytes(64 * 1024, 1024).describe("Longest command line after login, without its literals."),
  commandLineBeforeLogin: bytes(8 * 1024, 1024).describe(
    "Longest command line before login, and the most that its literals may have together.",
  ),
  argumentLiteral: bytes(100 * 1024, 1024).describe("Largest literal that is an argument (not a message)."),
  commandLiterals: bytes(1024 * 1024, 1024).describe("All argument literals of one command together."),
  literalCount: count(1000).describe("Most literals in one command."),
  messageSize: bytes(100 * 1024 * 1024, 1024).describe("Largest message that is taken; announced as APPENDLIMIT."),
  nesting: count(50, 1, 1000).describe("Deepest nesting of parentheses and search keys in a command."),
  timeoutBeforeLogin: seconds(30).describe("A client that sends nothing is dropped after this long before login."),
  timeoutAfterLogin: seconds(1800, 1).describe(
    "The same after login and in IDLE; RFC 9051 §5.4 asks for 1800 or more.",
  ),
  writeTimeoutBeforeLogin: seconds(30).describe("A client that reads nothing is dropped after this long before login."),
  writeTimeout: seconds(300).describe("The same after login."),
  badCommandsBeforeLogin: count(3).describe("Bad commands in a row before login that end the connection."),
  badCommands: count(20).describe("Bad commands in a row after login that end the connection."),
  loginFailuresPerMinute: count(10, 0).describe(
    "Failed logins a minute from one address (IPv4 /32, IPv6 /64; its wider networks may have 3 and 9 times as many); 0 for no limit.",
  ),
  loginFailuresPerDay: count(50, 0).describe("Failed logins a day, counted in the same way."),
  connectionsPerMinute: count(300, 0).describe(
    "New connections a minute from one address, counted so too; 0 for no limit.",
  ),
  connectionsPerAddress: count(30, 0).describe(
    "Connections open at once from one address, counted so too; 0 for no limit.",
  ),
  connectionsPerAccount: count(20, 0).describe(
    "Sessions open at once of one account from one address; 0 for no limit.",
  ),
  keywords: count(1000, 1, 1000).describe("Most keywords (flags with free names) in one mailbox."),
  messagesPerCommand: count(0, 0).describe(
    "Messages that one FETCH, STORE, SEARCH, COPY, MOVE or UID EXPUNGE may work on, announced as MESSAGELIMIT; 0 for no limit. " +
      "Most clients do not know of such limits and miss mail in larger mailboxes: RFC 9738 §4 asks for 1000 or more.",
  ),
  savedPerCommand: count(0, 0).describe(
    "Messages that one COPY or APPEND may add, announced as SAVELIMIT; 0 for no limit.",
  ),
  lmtpConnections: count(500).describe("Connections open at once to one `lmtp` listener."),
  lmtpRecipients: count(1000, 100).describe(
    "Recipients of one message; the mail server sends the rest later (RFC 5321 §4.5.3.1.8).",
  ),
  lmtpTimeout: seconds(300).describe(
    "A mail server that sends nothing is dropped after this long; RFC 5321 §4.5.3.2.7 asks for 300.",
  ),
  shutdownSeconds: seconds(3, 0, 3).describe("How long sessions may take to end when the server is stopped."),
});

/** "localhost", an IPv4 or an IPv6 address that only this machine can reach. */
export function isLoopback(address: string): boolean {
  return address === "localhost" || address === "::1" || (isIP(address) === 4 && address.startsWith("127."));
}

/** "192.0.2.0/24"; an address alone is a network of one. */
const network = z.string().transform((text, context) => {
  try {
    return parseNetwork(text);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    context.issues.push({ code: "custom", input: text, message: error.message });
    return z.NEVER;
  }
});

const listener = z.strictObject({
  protocol: z.enum(["imap", "imaps", "https", "http", "lmtp"]).describe(
    "`imaps` is IMAP in TLS; `imap` is IMAP that begins in clear text and offers STARTTLS; `https` is IMAP in TLS to clients that " +
      "ask for it by ALPN, where networks block mail ports, and /healthz to browsers; `http` serves /metrics and /healthz; " +
      "`lmtp` takes mail from a mail server such as Postfix.",
  ),
  address: z.string().refine((text) => text === "localhost" || isIP(text) !== 0, {
    error: "expected an IP address or localhost",
  }).default("127.0.0.1").describe('An IP address of this machine; "0.0.0.0" and "::" are all of them.'),
  port: z.int().min(0).max(65535).optional().describe("The TCP port; 0 takes a free one. Required without `path`."),
  path: z.string().min(1).optional().describe(
    "A Unix socket in place of address and port (`lmtp` only). What an ended server left there is removed; its directory must exist.",
  ),
  mode: z.string().regex(/^0?[0-7]{3}$/, { error: 'expected permissions as "0660"' }).default("0660").describe(
    "Permissions of the Unix socket; who may write to it may deliver mail. Its group is that of the directory where that has the setgid bit.",
  ),
  networks: z.array(network).prefault([]).describe(
    "Addresses or networks that may deliver mail by `lmtp`; none: all that reach the port. LMTP has no passwords.",
  ),
  cleartextLogin: z.boolean().default(false).describe(
    "Passwords may be sent in clear text (`imap` only). Anywhere but on a loopback address the log warns of it.",
  ),
  metrics: z.boolean().default(true).describe(
    "Whether /metrics is served there (`http` only); false where the network reaches it, as for `tls.acme`.",
  ),
  proxyNetworks: z.array(network).prefault([]).describe(
    "Addresses or networks of proxies. Who connects from there must begin with a header of the PROXY protocol, version 1 or 2, and " +
      "the client is whom it names. Not with `http` and `lmtp`.",
  ),
}).superRefine(({ protocol, port, path }, context) => {
  const fault = (key: string, message: string) => context.addIssue({ code: "custom", path: [key], message });
  if (path !== undefined && protocol !== "lmtp") fault("path", "is for lmtp only");
  else if (path !== undefined && port !== undefined) fault("path", "and port exclude each other");
  else if (path === undefined && port === undefined) fault("port", "is missing");
}).transform((listener) => ({ ...listener, port: listener.port ?? 0 }));

const pair = {
  cert: z.string().min(1).describe("Certificate with its chain, PEM."),
  key: z.string().min(1).describe("Private key of the certificate, PEM."),
};

const tls = z.strictObject({
  engine: z.enum(["auto", "openssl", "deno"]).default("auto").describe(
    "`openssl` uses libssl 3 of this machine. `deno` needs nothing, and has no STARTTLS, client keys, channel binding, `https`, " +
      "`proxyNetworks` for `imaps` and further certificates. `auto` is openssl where it can be loaded.",
  ),
  cert: pair.cert.optional().meta({ examples: ["/etc/ssl/mail.pem"] }),
  key: pair.key.optional().meta({ examples: ["/etc/ssl/mail.key"] }),
  certificates: z.array(z.strictObject(pair)).prefault([]).describe(
    "Further certificates, each for clients that ask for a name that it has (SNI). `cert`, or the first of these, is for all others.",
  ),
  acme: acmeSchema.optional().describe(
    "Certificates that come and are renewed by themselves (RFC 8555), kept in the data directory. Until the first is there the " +
      "self-signed one serves.",
  ).meta({ examples: [{ agreeTerms: true, email: "postmaster@example.org", hostnames: ["mail.example.org"] }] }),
}).superRefine(({ cert, key }, context) => {
  if (cert !== undefined && key === undefined) {
    context.addIssue({ code: "custom", path: ["key"], message: "is missing" });
  }
  if (key !== undefined && cert === undefined) {
    context.addIssue({ code: "custom", path: ["cert"], message: "is missing" });
  }
});

const delivery = z.strictObject({
  delimiter: z.string().regex(/^[!#$%&'*+\/=?^_`{|}~.-]?$/, {
    error: "expected one character that an address can have",
  })
    .default("+").describe(
      'Behind it an address names a mailbox: with "+", mail to ann+lists@example.org goes to lists of ann@example.org, and to INBOX ' +
        "where she has no such mailbox. Empty: no address does.",
    ),
  createFolders: z.boolean().default(false).describe(
    "Make the mailbox that an address names. Anybody who writes to her can then make mailboxes.",
  ),
  overQuota: z.enum(["temporary", "permanent"]).default("temporary").describe(
    "What the mail server is told when an account is full: to try again (452), or to send the message back (552).",
  ),
  suppressDuplicates: z.boolean().default(false).describe(
    "A message with the Message-ID of one that came into the same mailbox within a minute is taken and forgotten.",
  ),
  junkHeader: z.string().regex(/^[!-9;-~]{0,100}$/, { error: "expected a header field's name" }).default("X-Spam")
    .describe(
      "The header field by which a spam filter marks junk: such mail goes to the mailbox with the special use \\Junk. Empty: none.",
    ),
  junkValues: z.array(z.string().min(1).max(100)).prefault(["yes", "true"]).describe(
    "What its value begins with, as a whole word, in any case.",
  ),
});

export const configSchema = z.strictObject({
  dataDir: z.string().min(1).default("./data").describe(
    "Where all mail and accounts are kept. Relative paths here and below start at the configuration file's directory.",
  ),
  hostname: z.string().regex(/^[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?$/, { error: "expected a host name" })
    .default("localhost").describe("The name that clients know this server by."),
  workers: z.int().min(1).max(256).optional().describe(
    "Threads that serve clients, each on a core of its own; unless given as many as there are cores.",
  ).meta({ examples: [4] }),
  tls: tls.prefault({}).describe(
    "Files are read again when they change. Without any a self-signed certificate is made in the data directory.",
  ),
  listeners: z.array(listener).prefault([
    { protocol: "imap", address: "127.0.0.1", port: 1143, cleartextLogin: true },
    { protocol: "imaps", address: "127.0.0.1", port: 1993 },
  ]).describe("Where the server listens."),
  quota: bytes(0).describe("Bytes an account may keep; 0 for no limit. `account quota` sets it for one account."),
  quotaMessages: z.int().min(0).default(0).describe("Messages an account may keep; 0 for no limit."),
  quotaWarnings: z.strictObject({
    percent: z.array(z.int().min(1).max(100)).default([80, 90, 95]).describe(
      "Parts of the quota at which the owner gets a message, once each; none: no warnings.",
    ),
    text: z.string().min(1).optional().describe(
      "That message: From, To and Subject, an empty line, the text. {address}, {percent}, {used}, {limit} and {hostname} are filled in.",
    ).meta({
      examples: [
        "From: Help Desk <help@example.org>\nTo: {address}\nSubject: {percent} % full\n\n{used} of {limit} used.\n",
      ],
    }),
  }).prefault({}).describe("Warnings that a mailbox is nearly full."),
  undelete: z.strictObject({
    time: span().prefault("14d").describe("Expunged messages can be put back for this long; `0d`: not at all."),
    size: bytes(5 * 1024 ** 3).describe(
      "Most bytes that an account's expunged messages may take; the oldest go first.",
    ),
  }).prefault({}).describe("What `roost undelete` can put back. It does not count for the quota."),
  accounts: z.strictObject({
    removeAfter: span().prefault("14d").describe(
      "A removed account is closed at once, and gone with its mail after this long; until then `account restore` brings it back.",
    ),
  }).prefault({}).describe("What becomes of accounts."),
  search: z.enum(["full", "headers", "off"]).prefault("full").describe(
    "What is kept beside the mail to make SEARCH quick: `full`: for headers and text; `headers`: for headers, while searches for text read " +
      "each message; `off`: nothing. Accounts can have their own (`roost account search`).",
  ),
  junk: z.strictObject({
    rspamd: z.url({ protocol: /^https?$/ }).optional().describe(
      "rspamd's controller, as http://127.0.0.1:11334, which is told what is junk and what is not.",
    ),
    passwordFile: z.string().min(1).optional().describe("File with the controller's password, where it wants one."),
    command: z.array(z.string().min(1)).min(1).optional().describe(
      "Or a program with its arguments, by its whole path: it gets `junk`, `notjunk` or `forget` as its last argument and the message on standard " +
        "input. Exit code 75 means: try again later.",
    ),
    maxSize: bytes(1024 * 1024, 1024).describe("Larger messages are not told of."),
    concurrency: count(2, 1, 64).describe("Messages told at the same time."),
  }).refine(({ rspamd, command }) => (rspamd === undefined) !== (command === undefined), {
    error: "expected either rspamd or command",
  }).optional().describe(
    "A filter that learns from what owners do: $Junk and $NotJunk, and moves into the \\Junk mailbox and out of it.",
  ).meta({ examples: [{ rspamd: "http://127.0.0.1:11334" }] }),
  retention: z.record(z.string().min(1), span()).optional().describe(
    "How long messages may stay in a mailbox, by its name or by its special use with a backslash; then they are expunged. " +
      "Time counts from when a message came into the mailbox (SAVEDATE).",
  ).meta({ examples: [{ "\\Trash": "30d", "\\Junk": "30d", "Lists/Announcements": "26w" }] }),
  metadata: z.strictObject({
    comment: z.string().min(1).optional().describe("The server annotation /shared/comment, for all to read."),
    admin: z.string().regex(/^[a-z][a-z0-9+.-]*:\S+$/i, { error: "expected a URI as mailto:postmaster@example.org" })
      .optional().describe("How to reach the administrator, a URI: the server annotation /shared/admin."),
  }).optional().describe("What the server says of itself to clients that ask by METADATA (RFC 5464).")
    .meta({ examples: [{ comment: "Mail of Example", admin: "mailto:postmaster@example.org" }] }),
  delivery: delivery.prefault({}).describe("How mail is delivered, by LMTP and by `roost deliver`."),
  oauth: oauthSchema.optional().describe("Whose tokens let in, by OAUTHBEARER and XOAUTH2. Without this no token does.")
    .meta({ examples: [{ issuer: "https://id.example.org", audience: ["imap.example.org"], scope: "mail" }] }),
  limits: limits.prefault({}).describe("What one client may ask for."),
  log: z.strictObject({
    level: z.enum(["trace", "debug", "info", "warning", "error"]).default("info").describe(
      "Least level that is logged; `trace` shows the protocol, without passwords and message data.",
    ),
    format: z.enum(["logfmt", "json"]).default("logfmt").describe("One line each, as logfmt or JSON."),
  }).prefault({}).describe("The log, on standard error."),
  literalMinus: z.boolean().default(false).describe(
    "Literals that clients send without asking may have 4096 bytes only (LITERAL- in place of LITERAL+).",
  ),
  durability: z.enum(["default", "full"]).default("default").describe(
    "`default`: a power cut may lose the last second of flag changes, never mail. `full`: not even that.",
  ),
});

/** The validated configuration with all defaults filled in. Sizes are bytes, times seconds. */
export type Config = z.output<typeof configSchema>;
export type ListenerConfig = Config["listeners"][number];
export type Limits = Config["limits"];

/** What a run without a configuration file uses. */
export function defaultConfig(): Config {
  return configSchema.parse({});
}
