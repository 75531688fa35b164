/**
 * `unparsed` names the emails of which only the bytes are there: their row of `header` has no structure, and of the tables that are
 * made of the bytes (`email`, `search_header`, `sort_key`, `sort_address`, `thread_key`, `search_text`) they are in none. See parsing.ts.
 */
export const UNPARSED = `
CREATE TABLE unparsed (email_id INTEGER PRIMARY KEY) STRICT;
`;
