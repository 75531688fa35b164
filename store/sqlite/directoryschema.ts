/** Tables of directory.db. */

const FIRST = `
-- Numbers are never given again: an account's number is its folder's name.
CREATE TABLE account (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  address TEXT NOT NULL,
  disabled TEXT,
  quota_bytes INTEGER,
  quota_messages INTEGER,
  admin INTEGER NOT NULL DEFAULT 0 CHECK (admin IN (0, 1)),
  -- Names of capabilities with spaces between.
  withheld TEXT NOT NULL DEFAULT '',
  created INTEGER NOT NULL
) STRICT;

-- Names to log in with, folded; the account's address is one of them.
CREATE TABLE login (
  name TEXT PRIMARY KEY,
  account_id INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX login_account ON login (account_id);

CREATE TABLE credential (
  account_id INTEGER NOT NULL,
  mechanism TEXT NOT NULL,
  secret TEXT NOT NULL,
  PRIMARY KEY (account_id, mechanism)
) STRICT, WITHOUT ROWID;

CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;

-- Who may use whose mailboxes (RFC 4314). Identifiers are folded, \`-\` before those that lose rights; as given in \`shown\`.
CREATE TABLE acl (
  owner_id INTEGER NOT NULL,
  mailbox_id INTEGER NOT NULL,
  identifier TEXT NOT NULL,
  shown TEXT NOT NULL,
  rights TEXT NOT NULL,
  PRIMARY KEY (owner_id, mailbox_id, identifier)
) STRICT, WITHOUT ROWID;
CREATE INDEX acl_identifier ON acl (identifier);

-- Accounts whose mail folder is still to be removed.
CREATE TABLE removal (account_id INTEGER PRIMARY KEY) STRICT;
`;

/** Step n brings `user_version` from n to n+1. Steps are only ever added. */
export const DIRECTORY_STEPS: readonly string[] = [FIRST];
