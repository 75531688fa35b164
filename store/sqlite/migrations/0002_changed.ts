/**
 * `changed` says which messages of a mailbox are new or got other flags: those of the UIDs `first` to `last` that have the modseq of
 * the row. A range can hold others. It stands for an index on the modseq of messages, which every change of a flag had to move;
 * entries that are old enough go (see changelog.ts).
 */
export const CHANGED = `
DROP INDEX message_modseq;
CREATE TABLE changed (
  mailbox_id INTEGER NOT NULL,
  modseq INTEGER NOT NULL,
  first INTEGER NOT NULL,
  last INTEGER NOT NULL,
  PRIMARY KEY (mailbox_id, modseq, first)
) STRICT, WITHOUT ROWID;
INSERT INTO changed SELECT id, modseq, 1, 4294967295 FROM mailbox WHERE removeseq IS NULL;
`;
