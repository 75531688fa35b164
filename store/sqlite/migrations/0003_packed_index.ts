/**
 * `packed_index` holds the index of a large mailbox as it was at `modseq`, so that it need not be made of its rows: `columns` are the
 * modseqs, UIDs and flag words of its messages, ascending by UID, and their emails, packed as packedindex.ts says. A mailbox without one, or with an
 * old one, is as good.
 */
export const PACKED_INDEX = `
CREATE TABLE packed_index (
  mailbox_id INTEGER PRIMARY KEY,
  modseq INTEGER NOT NULL,
  uidnext INTEGER NOT NULL,
  messages INTEGER NOT NULL,
  columns BLOB NOT NULL
) STRICT;
`;
