/** Tables of directory.db. */

const FIRST = `
-- Numbers are never given again: an account's number is its folder's name.
CREATE TABLE account (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  address TEXT NOT NULL,
  -- Of the address, as in \`domain\`.
  domain TEXT NOT NULL,
  disabled TEXT,
  -- Since when it is closed, to be removed for good later.
  removed INTEGER,
  quota_bytes INTEGER,
  quota_messages INTEGER,
  admin INTEGER NOT NULL DEFAULT 0 CHECK (admin IN (0, 1)),
  app_passwords_only INTEGER NOT NULL DEFAULT 0 CHECK (app_passwords_only IN (0, 1)),
  -- Names of capabilities with spaces between.
  withheld TEXT NOT NULL DEFAULT '',
  created INTEGER NOT NULL
) STRICT;

-- Names to log in with, folded; the account's address is one of them. \`@example.org\` is no such name: who has it gets the mail to all
-- addresses of that domain that nobody has.
CREATE TABLE login (
  name TEXT PRIMARY KEY,
  account_id INTEGER NOT NULL,
  shown TEXT NOT NULL,
  domain TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX login_account ON login (account_id);
CREATE INDEX login_domain ON login (domain);

-- Domains by their ASCII form in lower case. Where there are none, addresses may be of any.
CREATE TABLE domain (
  name TEXT PRIMARY KEY,
  shown TEXT NOT NULL,
  disabled INTEGER NOT NULL DEFAULT 0 CHECK (disabled IN (0, 1)),
  created INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE credential (
  account_id INTEGER NOT NULL,
  mechanism TEXT NOT NULL,
  secret TEXT NOT NULL,
  PRIMARY KEY (account_id, mechanism)
) STRICT, WITHOUT ROWID;

-- Numbers are never given again: a use that is noted late is not taken for another's.
CREATE TABLE app_password (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  account_id INTEGER NOT NULL,
  name TEXT NOT NULL,
  folded TEXT NOT NULL,
  -- A JSON object, secrets by mechanism.
  credentials TEXT NOT NULL,
  -- Words with spaces between; so the networks.
  scopes TEXT NOT NULL,
  networks TEXT NOT NULL,
  expires INTEGER,
  created INTEGER NOT NULL,
  last_used INTEGER,
  last_remote TEXT
) STRICT;
CREATE UNIQUE INDEX app_password_name ON app_password (account_id, folded);

-- Public keys that log in, by the SHA-256 of their SubjectPublicKeyInfo.
CREATE TABLE client_key (
  fingerprint TEXT PRIMARY KEY,
  account_id INTEGER NOT NULL,
  name TEXT NOT NULL,
  preauth INTEGER NOT NULL CHECK (preauth IN (0, 1)),
  created INTEGER NOT NULL,
  last_used INTEGER,
  last_remote TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX client_key_account ON client_key (account_id);

-- Login attempts, grouped: those of a row are equal in all but the time. Account 0: the name is nobody's.
CREATE TABLE attempt (
  id INTEGER PRIMARY KEY,
  account_id INTEGER NOT NULL,
  user TEXT NOT NULL,
  remote TEXT NOT NULL,
  protocol TEXT NOT NULL,
  mechanism TEXT NOT NULL,
  tls TEXT NOT NULL,
  cipher TEXT NOT NULL,
  client_key TEXT NOT NULL,
  app_password TEXT NOT NULL,
  user_agent TEXT NOT NULL,
  result TEXT NOT NULL,
  failed INTEGER GENERATED ALWAYS AS (result <> 'ok') STORED,
  first INTEGER NOT NULL,
  last INTEGER NOT NULL,
  count INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX attempt_group ON attempt (
  account_id, user, remote, protocol, mechanism, tls, cipher, client_key, app_password, user_agent, result
);
CREATE INDEX attempt_account ON attempt (account_id, failed, last);
CREATE INDEX attempt_last ON attempt (last);

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
