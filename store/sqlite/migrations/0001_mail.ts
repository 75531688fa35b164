/**
 * The mail of one account.
 *
 * - `account` is one row: the last modseq, the last UIDVALIDITY, the last email id, and the totals that quota counts. `state` is
 *   random, and another one after each transaction that changed something: where it is the same, all is.
 * - `mailbox` carries counters that change with its messages. Removed mailboxes stay, so that ids and names are known.
 * - `email` and the tables beside it hold a message's bytes and what was made of them, once; narrow columns stand apart from
 *   wide ones, so that reading ENVELOPEs touches few pages. A row is in all of them or in none, except `search_text`
 *   (none: not made yet, or too large to keep) and those of emails that are not parsed (0004_unparsed.ts).
 * - `content` holds the bytes after the header, or the name of the file that holds all bytes; and the SHA-256 of all bytes.
 * - `message` is an email in a mailbox; a removed one goes to `expunged`, and keeps its email until nobody can ask for it and
 *   it is too old to be undeleted (then `email_id` is NULL and only UID and modseq stay, for VANISHED). `expunged_at` is 0 for
 *   those that were moved, which are somewhere else.
 * - `sort_key`, `sort_address` and `thread_key` hold what SORT and THREAD compare, apart so that each reads few pages; identifiers
 *   of messages are hashes of 8 characters each.
 * - `annotation` holds annotations (RFC 5464); mailbox 0 is the account itself, reader 0 its owner; no value: removed.
 * - `seen` holds \\Seen of those who read a mailbox of somebody else, `reader` the modseq of their last change.
 * - `judged` holds what is known of an email as junk: 1 that it is, 2 that it was moved out of
 *   Junk, 3 that it has $NotJunk; told to a classifier, or by one. `judged_modseq`
 *   is up to where changes were looked at; NULL: never.
 * - `delivered` remembers for a while which Message-IDs (as hashes) were delivered, where duplicates are suppressed.
 * - `mirror` says which mailbox is kept like which one of another server, `mirrored` which message is which there, and its flags
 *   there as space-separated names; the message here, and the mailbox, may be gone.
 * - `reference` maps 48-bit hashes of Message-IDs to threads.
 */
export const MAIL_TABLES = `
CREATE TABLE account (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  modseq INTEGER NOT NULL,
  uidvalidity INTEGER NOT NULL,
  email_id INTEGER NOT NULL,
  messages INTEGER NOT NULL,
  size INTEGER NOT NULL,
  -- Bytes of the messages in expunged that keep their email, those moved not counted.
  expunged_size INTEGER NOT NULL,
  -- The part of the quota, in percent, that the owner was warned of last.
  quota_warned INTEGER NOT NULL,
  judged_modseq INTEGER,
  state INTEGER NOT NULL
) STRICT;

CREATE TABLE mailbox (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL,
  uidvalidity INTEGER NOT NULL,
  object_id TEXT NOT NULL,
  special_use TEXT NOT NULL,
  createseq INTEGER NOT NULL,
  changeseq INTEGER NOT NULL,
  removeseq INTEGER,
  modseq INTEGER NOT NULL,
  expungeseq INTEGER NOT NULL,
  uidnext INTEGER NOT NULL,
  recent_uid INTEGER NOT NULL,
  recent INTEGER NOT NULL,
  messages INTEGER NOT NULL,
  unseen INTEGER NOT NULL,
  deleted INTEGER NOT NULL,
  deleted_size INTEGER NOT NULL,
  size INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX mailbox_name ON mailbox (name) WHERE removeseq IS NULL;

CREATE TABLE subscription (name TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;

CREATE TABLE keyword (
  mailbox_id INTEGER NOT NULL,
  number INTEGER NOT NULL,
  name TEXT NOT NULL,
  PRIMARY KEY (mailbox_id, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE email (
  id INTEGER PRIMARY KEY,
  thread_id INTEGER NOT NULL,
  sent_day INTEGER,
  envelope BLOB NOT NULL,
  bodystructure BLOB NOT NULL,
  body BLOB NOT NULL,
  preview TEXT NOT NULL
) STRICT;

CREATE TABLE header (
  email_id INTEGER PRIMARY KEY,
  structure BLOB NOT NULL,
  bytes BLOB NOT NULL
) STRICT;

CREATE TABLE search_header (email_id INTEGER PRIMARY KEY, folded BLOB NOT NULL) STRICT;
CREATE TABLE search_text (email_id INTEGER PRIMARY KEY, folded BLOB NOT NULL) STRICT;

CREATE TABLE sort_key (
  email_id INTEGER PRIMARY KEY,
  sent INTEGER,
  is_reply INTEGER NOT NULL,
  subject TEXT NOT NULL
) STRICT;
CREATE TABLE sort_address (
  email_id INTEGER PRIMARY KEY,
  sender TEXT NOT NULL,
  recipient TEXT NOT NULL,
  cc TEXT NOT NULL,
  display_from TEXT NOT NULL,
  display_to TEXT NOT NULL
) STRICT;
CREATE TABLE thread_key (email_id INTEGER PRIMARY KEY, message_id TEXT NOT NULL, refs TEXT NOT NULL) STRICT;

CREATE TABLE content (
  email_id INTEGER PRIMARY KEY,
  sha256 BLOB NOT NULL,
  file TEXT,
  bytes BLOB,
  CHECK ((file IS NULL) <> (bytes IS NULL))
) STRICT;
CREATE INDEX content_file ON content (file) WHERE file IS NOT NULL;

CREATE TABLE message (
  mailbox_id INTEGER NOT NULL,
  uid INTEGER NOT NULL,
  email_id INTEGER NOT NULL,
  flags INTEGER NOT NULL,
  more_keywords TEXT,
  modseq INTEGER NOT NULL,
  createseq INTEGER NOT NULL,
  internal_date INTEGER NOT NULL,
  save_date INTEGER NOT NULL,
  size INTEGER NOT NULL,
  PRIMARY KEY (mailbox_id, uid)
) STRICT, WITHOUT ROWID;
CREATE INDEX message_modseq ON message (mailbox_id, modseq);
CREATE INDEX message_email ON message (email_id);
CREATE INDEX message_deleted ON message (mailbox_id, uid) WHERE flags & 8;

CREATE TABLE expunged (
  mailbox_id INTEGER NOT NULL,
  uid INTEGER NOT NULL,
  modseq INTEGER NOT NULL,
  expunged_at INTEGER NOT NULL,
  email_id INTEGER,
  flags INTEGER NOT NULL,
  more_keywords TEXT,
  internal_date INTEGER NOT NULL,
  save_date INTEGER NOT NULL,
  size INTEGER NOT NULL,
  PRIMARY KEY (mailbox_id, uid)
) STRICT, WITHOUT ROWID;
CREATE INDEX expunged_modseq ON expunged (mailbox_id, modseq);
CREATE INDEX expunged_kept ON expunged (expunged_at, mailbox_id, modseq, uid, size) WHERE email_id IS NOT NULL;
CREATE INDEX expunged_email ON expunged (email_id) WHERE email_id IS NOT NULL;

CREATE TABLE annotation (
  mailbox_id INTEGER NOT NULL,
  reader_id INTEGER NOT NULL,
  entry TEXT NOT NULL,
  value BLOB,
  modseq INTEGER NOT NULL,
  PRIMARY KEY (mailbox_id, reader_id, entry)
) STRICT, WITHOUT ROWID;
CREATE INDEX annotation_reader ON annotation (reader_id, modseq, entry);
CREATE INDEX annotation_removed ON annotation (reader_id, modseq) WHERE value IS NULL;

CREATE TABLE reader (
  mailbox_id INTEGER NOT NULL,
  reader_id INTEGER NOT NULL,
  modseq INTEGER NOT NULL,
  PRIMARY KEY (mailbox_id, reader_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE seen (
  mailbox_id INTEGER NOT NULL,
  reader_id INTEGER NOT NULL,
  uid INTEGER NOT NULL,
  seen INTEGER NOT NULL,
  modseq INTEGER NOT NULL,
  PRIMARY KEY (mailbox_id, reader_id, uid)
) STRICT, WITHOUT ROWID;
CREATE INDEX seen_modseq ON seen (mailbox_id, reader_id, modseq);
CREATE INDEX seen_set ON seen (mailbox_id, reader_id) WHERE seen = 1;

CREATE TABLE reference (hash INTEGER PRIMARY KEY, thread_id INTEGER NOT NULL) STRICT;

CREATE TABLE delivered (
  mailbox_id INTEGER NOT NULL,
  message_id BLOB NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (mailbox_id, message_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX delivered_at ON delivered (at);

CREATE TABLE mirror (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  source TEXT NOT NULL,
  name TEXT NOT NULL,
  mailbox_id INTEGER NOT NULL,
  uidvalidity INTEGER NOT NULL,
  modseq TEXT NOT NULL,
  subscribed INTEGER NOT NULL,
  keeps_uids INTEGER NOT NULL,
  -- Clients that know no higher modseq than this may know UIDs that were expunged at the source and never were here; 0: none.
  kept_until INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE UNIQUE INDEX mirror_name ON mirror (source, name);
CREATE INDEX mirror_mailbox ON mirror (mailbox_id);
CREATE TABLE mirrored (
  mirror_id INTEGER NOT NULL,
  source_uid INTEGER NOT NULL,
  uid INTEGER NOT NULL,
  flags TEXT NOT NULL,
  PRIMARY KEY (mirror_id, source_uid)
) STRICT, WITHOUT ROWID;

CREATE TABLE judged (email_id INTEGER PRIMARY KEY, verdict INTEGER NOT NULL CHECK (verdict IN (1, 2, 3))) STRICT;

INSERT INTO account VALUES (1, 0, 0, 0, 0, 0, 0, 0, NULL, random());
`;
