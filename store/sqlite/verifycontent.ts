/**
 * Emails: each has all of its rows, its bytes are all there, and what was derived from them is what the parser makes of them
 * now. And the folder of content files: each is known.
 */
import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { type ParsedMessage, parseMessage } from "../mime/message.ts";
import { type ByteSource, memorySource } from "../mime/source.ts";
import type { SortKeys } from "../mime/sortkeys.ts";
import { FileSource } from "./content.ts";
import { threadKey } from "./threads.ts";
import { namesIn, type Report, Snapshot, type Values } from "./verifyreport.ts";

/** What there is of each email. */
interface ContentValues extends Values {
  readonly id: number;
  readonly header: Uint8Array | null;
  readonly has_content: number | null;
  readonly sha256: Uint8Array | null;
  readonly file: string | null;
  readonly bytes: Uint8Array | null;
}

interface EmailValues extends ContentValues {
  readonly thread_id: number;
  readonly sent_day: number | null;
  readonly envelope: Uint8Array;
  readonly bodystructure: Uint8Array;
  readonly body: Uint8Array;
  readonly preview: string;
  readonly structure: Uint8Array | null;
  readonly search_headers: Uint8Array | null;
  readonly search_text: Uint8Array | null;
  readonly sent: number | null;
  readonly is_reply: number | null;
  readonly subject: string | null;
  readonly addresses: string | null;
  readonly message_id: string | null;
  readonly refs: string | null;
}

interface UnparsedValues extends ContentValues {
  readonly structure: Uint8Array | null;
  readonly parsed: number;
}

const EMAILS = `SELECT email.*, header.structure, header.bytes AS header, search_header.folded AS search_headers,
    search_text.folded AS search_text, sort_key.sent, sort_key.is_reply, sort_key.subject,
    json_array(sender, recipient, cc, display_from, display_to) AS addresses,
    thread_key.message_id, thread_key.refs, content.email_id AS has_content, content.sha256, content.file, content.bytes
  FROM email LEFT JOIN header ON header.email_id = email.id LEFT JOIN search_header ON search_header.email_id = email.id
    LEFT JOIN search_text ON search_text.email_id = email.id LEFT JOIN sort_key ON sort_key.email_id = email.id
    LEFT JOIN sort_address ON sort_address.email_id = email.id LEFT JOIN thread_key ON thread_key.email_id = email.id
    LEFT JOIN content ON content.email_id = email.id WHERE email.id > ?`;
const UNPARSED =
  `SELECT unparsed.email_id AS id, header.structure, header.bytes AS header, content.email_id AS has_content,
    content.sha256, content.file, content.bytes, EXISTS (SELECT 1 FROM email WHERE id = unparsed.email_id) AS parsed
  FROM unparsed LEFT JOIN header ON header.email_id = unparsed.email_id
    LEFT JOIN content ON content.email_id = unparsed.email_id`;
const ALL = "SELECT id FROM email UNION ALL SELECT email_id FROM unparsed";
const STRAY_ROWS = `SELECT 'header' AS what, email_id AS email FROM header WHERE email_id NOT IN (${ALL})
  UNION ALL SELECT 'search_header', email_id FROM search_header WHERE email_id NOT IN (SELECT id FROM email)
  UNION ALL SELECT 'search_text', email_id FROM search_text WHERE email_id NOT IN (SELECT id FROM email)
  UNION ALL SELECT 'sort_key', email_id FROM sort_key WHERE email_id NOT IN (SELECT id FROM email)
  UNION ALL SELECT 'sort_address', email_id FROM sort_address WHERE email_id NOT IN (SELECT id FROM email)
  UNION ALL SELECT 'thread_key', email_id FROM thread_key WHERE email_id NOT IN (SELECT id FROM email)
  UNION ALL SELECT 'content', email_id FROM content WHERE email_id NOT IN (${ALL})
  UNION ALL SELECT 'judged', email_id FROM judged WHERE email_id NOT IN (${ALL})`;
/** What `addresses` is without a row. */
const NO_ADDRESSES = "[null,null,null,null,null]";
/** Who has an email: messages, then what is expunged and still kept. */
const HOLDERS =
  `SELECT mailbox.name AS mailbox, m.uid, m.size FROM message m LEFT JOIN mailbox ON mailbox.id = m.mailbox_id
    WHERE m.email_id = ?1
  UNION ALL SELECT mailbox.name, x.uid, x.size FROM expunged x LEFT JOIN mailbox ON mailbox.id = x.mailbox_id
    WHERE x.email_id = ?1`;
const FILE = "SELECT 1 FROM content WHERE file = ?";

/**
 * @param files the folder of content files
 * @param emails `last`: the last number that was given; `known`: up to here they were looked at before
 */
export function verifyContent(
  db: Snapshot,
  files: string,
  emails: { readonly last: number; readonly known: number },
  report: Report,
): void {
  const known = new Set<string>();
  const verify = <T extends ContentValues>(email: T, isComplete: (email: T) => boolean, derived: Derived<T>) => {
    const holders = db.rows<{ mailbox: string; uid: number; size: number }>(HOLDERS, email.id);
    const [{ mailbox, uid } = { mailbox: undefined, uid: undefined }] = holders;
    const fault = (what: string) => report({ mailbox, uid, email: email.id, what: `email ${email.id}: ${what}` });
    if (holders.length === 0) fault("no message has it");
    if (email.header === null || email.has_content === null || !isComplete(email)) {
      fault("some of its rows are missing");
      return;
    }
    if (email.file !== null && known.has(email.file)) fault(`another email has the file content/${email.file}`);
    if (email.file !== null) known.add(email.file);
    const { header } = email;
    const size = withBytes(db.path, files, email, header, fault, (source) => {
      const differs = derived(compareBytes(source, email, header, fault), email);
      if (differs.length > 0) fault(`not what its bytes say: ${differs.join(", ")}`);
    });
    if (size === undefined) return;
    for (const holder of holders) {
      if (holder.size === size) continue;
      report({
        mailbox: holder.mailbox,
        uid: holder.uid,
        email: email.id,
        what: `its size is kept as ${holder.size}, is ${size}`,
      });
    }
  };
  for (const email of db.each<EmailValues>(EMAILS, emails.known)) {
    verify(email, hasAll, differences);
    if (email.thread_id >= 1 && email.thread_id <= emails.last) continue;
    report({ email: email.id, what: `email ${email.id}: it is in thread ${email.thread_id}, which never was` });
  }
  for (const email of db.each<UnparsedValues>(UNPARSED)) verify(email, isUnparsed, () => []);
  for (const { what, email } of db.rows<{ what: string; email: number }>(STRAY_ROWS)) {
    report({ email, what: `a row of ${what} is of email ${email}, which does not exist` });
  }
  if (emails.known > 0) return;
  for (const name of namesIn(files)) {
    // A delivery writes the file first and refers to it later; a purge does it the other way round.
    if (known.has(name) || isKnownNow(db.path, name)) continue;
    report({ what: `content/${name} belongs to no message`, note: true });
  }
}

/** What of that which is kept of an email its bytes do not say. */
type Derived<T> = (parsed: ParsedMessage, email: T) => string[];

function hasAll(email: EmailValues): boolean {
  return email.structure !== null && email.search_headers !== null && email.is_reply !== null &&
    email.addresses !== NO_ADDRESSES && email.message_id !== null;
}

/** Neither is there what is made when it is parsed. */
function isUnparsed({ structure, parsed }: UnparsedValues): boolean {
  return structure?.length === 0 && parsed === 0;
}

/** @returns how many bytes there are; undefined: they cannot be read */
function withBytes(
  path: string,
  files: string,
  { file, bytes }: ContentValues,
  header: Uint8Array,
  fault: (what: string) => void,
  use: (source: ByteSource) => void,
): number | undefined {
  if (file === null) {
    const source = memorySource(Buffer.concat([header, bytes ?? new Uint8Array()]));
    use(source);
    return source.size;
  }
  try {
    using source = new FileSource(Deno.openSync(join(files, file)));
    use(source);
    return source.size;
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    if (isKnownNow(path, file)) fault(`its file content/${file} is missing`);
    return undefined;
  }
}

function compareBytes(
  source: ByteSource,
  email: ContentValues,
  header: Uint8Array,
  fault: (what: string) => void,
): ParsedMessage {
  if (!equal(digestOf(source), email.sha256)) fault("its bytes are not those that came: their SHA-256 differs");
  const parsed = parseMessage(source);
  if (parsed.headerSize !== header.length) {
    fault(`its header has ${parsed.headerSize} bytes, ${header.length} are kept`);
  } else if (!equal(source.read(0, parsed.headerSize), header)) fault("its header is kept otherwise than it came");
  return parsed;
}

function differences(parsed: ParsedMessage, email: EmailValues): string[] {
  const { sortKeys } = parsed;
  const thread = threadKey(parsed);
  return Object.entries({
    structure: equal(parsed.structure, email.structure),
    envelope: equal(parsed.envelope, email.envelope),
    bodystructure: equal(parsed.bodyStructure, email.bodystructure),
    body: equal(parsed.body, email.body),
    preview: parsed.preview.toWellFormed() === email.preview,
    "sent day": parsed.sentDay === email.sent_day,
    "search headers": equal(parsed.searchHeaders, email.search_headers),
    "sort keys": sortKeys.sentTime === email.sent && Number(sortKeys.isReply) === email.is_reply &&
      sortKeys.subject === email.subject &&
      JSON.stringify(addressKeys(sortKeys)) === JSON.stringify(JSON.parse(email.addresses ?? "null")),
    "thread key": thread.messageId === email.message_id && thread.references === email.refs,
    "search text": email.search_text === null || equal(parsed.searchText, email.search_text),
  }).filter(([, same]) => !same).map(([name]) => name);
}

const CHUNK = 1 << 18;

/** SHA-256 of all bytes. */
export function digestOf(source: ByteSource): Uint8Array {
  const hash = createHash("sha256");
  for (let at = 0; at < source.size; at += CHUNK) hash.update(source.read(at, at + CHUNK));
  return hash.digest();
}

function addressKeys({ from, to, cc, displayFrom, displayTo }: SortKeys): string[] {
  return [from, to, cc, displayFrom, displayTo];
}

function equal(a: Uint8Array | null, b: Uint8Array | null): boolean {
  return a === null || b === null ? a === b : Buffer.compare(a, b) === 0;
}

/** Whether a row refers to the file since the last commit: the snapshot may be older. */
function isKnownNow(path: string, file: string): boolean {
  using now = new Snapshot(path);
  return now.row(FILE, file) !== undefined;
}
