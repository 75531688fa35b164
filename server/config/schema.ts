/**
 * The configuration: its one source. Validation, defaults, the JSON Schema, the example file and docs/configuration.md are all
 * made from this schema; `describe()` texts are what the administrator reads there.
 */
import { isIP } from "node:net";
import { z } from "zod";

const UNITS: Readonly<Record<string, number>> = { "": 1, k: 2 ** 10, m: 2 ** 20, g: 2 ** 30, t: 2 ** 40 };
const SIZE = /^(\d{1,15})\s?([kmgt]?)(?:i?b)?$/i;

/** Bytes of "100 MiB", "10G" or "5"; undefined for any other text. */
export function parseSize(text: string): number | undefined {
  const match = SIZE.exec(text);
  const size = match ? Number(match[1]) * UNITS[match[2].toLowerCase()] : NaN;
  return Number.isSafeInteger(size) ? size : undefined;
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
  commandLineBeforeLogin: bytes(8 * 1024, 1024).describe("Longest command line before login."),
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
  loginFailuresPerMinute: count(10).describe(
    "Failed logins a minute from one address (IPv4 /32, IPv6 /64; its wider networks may have 3 and 9 times as many).",
  ),
  loginFailuresPerDay: count(50).describe("Failed logins a day, counted in the same way."),
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
  shutdownSeconds: seconds(3, 0, 3).describe("How long sessions may take to end when the server is stopped."),
});

/** "localhost", an IPv4 or an IPv6 address that only this machine can reach. */
export function isLoopback(address: string): boolean {
  return address === "localhost" || address === "::1" || (isIP(address) === 4 && address.startsWith("127."));
}

const listener = z.strictObject({
  protocol: z.enum(["imap", "imaps", "http"]).describe(
    "`imaps` is IMAP in TLS, `imap` is IMAP in clear text, `http` serves /metrics and /healthz.",
  ),
  address: z.string().refine((text) => text === "localhost" || isIP(text) !== 0, {
    error: "expected an IP address or localhost",
  }).default("127.0.0.1").describe('An IP address of this machine; "0.0.0.0" and "::" are all of them.'),
  port: z.int().min(0).max(65535).describe("The TCP port; 0 takes a free one."),
  cleartextLogin: z.boolean().default(false).describe(
    "Passwords may be sent in clear text (`imap` only). Anywhere but on a loopback address the log warns of it.",
  ),
});

export const configSchema = z.strictObject({
  dataDir: z.string().min(1).default("./data").describe(
    "Where all mail and accounts are kept. Relative paths here and below start at the configuration file's directory.",
  ),
  hostname: z.string().regex(/^[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?$/, { error: "expected a host name" })
    .default("localhost").describe("The name that clients know this server by."),
  tls: z.strictObject({
    cert: z.string().min(1).describe("Certificate chain, PEM."),
    key: z.string().min(1).describe("Private key of the certificate, PEM."),
  }).optional().describe(
    "Files are read again when they change. Without this a self-signed certificate is made in the data directory.",
  ).meta({ examples: [{ cert: "/etc/ssl/mail.pem", key: "/etc/ssl/mail.key" }] }),
  listeners: z.array(listener).default([
    { protocol: "imap", address: "127.0.0.1", port: 1143, cleartextLogin: true },
    { protocol: "imaps", address: "127.0.0.1", port: 1993, cleartextLogin: false },
  ]).describe("Where the server listens."),
  quota: bytes(0).describe("Bytes an account may keep; 0 for no limit. `account quota` sets it for one account."),
  quotaMessages: z.int().min(0).default(0).describe("Messages an account may keep; 0 for no limit."),
  metadata: z.strictObject({
    comment: z.string().min(1).optional().describe("The server annotation /shared/comment, for all to read."),
    admin: z.string().regex(/^[a-z][a-z0-9+.-]*:\S+$/i, { error: "expected a URI as mailto:postmaster@example.org" })
      .optional().describe("How to reach the administrator, a URI: the server annotation /shared/admin."),
  }).optional().describe("What the server says of itself to clients that ask by METADATA (RFC 5464).")
    .meta({ examples: [{ comment: "Mail of Example", admin: "mailto:postmaster@example.org" }] }),
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
