import type { MailStore } from "../../store/store.ts";
import { mail, protocolTest, type TestServer } from "../support/protocol.ts";

const inbox = [
  { text: mail("one"), flags: ["\\Flagged"] },
  { text: mail("two"), flags: [] },
  { text: mail("größe"), flags: ["\\Flagged"] },
];

async function filters(t: TestServer, values: Record<string, string>): Promise<MailStore> {
  const store = await t.mail();
  const changes = Object.entries(values).map(([entry, value]) => ({
    entry: entry.startsWith("/") ? entry : `/private/filters/values/${entry}`,
    value: new TextEncoder().encode(value),
  }));
  await store.setAnnotations(null, changes);
  return store;
}

protocolTest("FILTER stands for what it was stored as (FILTERS, RFC 5466 §3.1)", async (t) => {
  const client = await t.login({ inbox });
  await filters(t, {
    "hot": "FLAGGED SUBJECT one",
    "either": 'OR SUBJECT "two" FILTER hot',
    "big": 'SUBJECT "größe"',
    "/shared/filters/values/hot": "ALL",
    "/shared/filters/values/all": "ALL",
  });
  await client.exchange(`
    C: o SELECT INBOX
    S: o OK ...
    C: a SEARCH FILTER hot
    S: * SEARCH 1
    S: a OK ...
    C: b SEARCH NOT FILTER hot
    S: * SEARCH 2 3
    S: b OK ...
    C: c SEARCH FILTER Either
    S: * SEARCH 1 2
    S: c OK ...
    C: d UID SEARCH UID 2:3 FILTER all
    S: * SEARCH 2 3
    S: d OK ...
    C: e SEARCH CHARSET US-ASCII FILTER big
    S: * SEARCH 3
    S: e OK ...
    C: f SORT (REVERSE ARRIVAL) UTF-8 FUZZY FILTER either
    S: * SORT ...
    S: f OK ...
    C: g ESEARCH IN (personal) FILTER hot
    S: * ESEARCH (TAG "g" MAILBOX INBOX ...) UID ALL 1
    S: g OK ...
  `);
});

protocolTest("a filter that is not there, that names itself or is no search program (RFC 5466 §3.1)", async (t) => {
  const client = await t.login({ inbox });
  await filters(t, {
    "self": "SEEN FILTER self",
    "ping": "FILTER pong",
    "pong": "OR FILTER ping ALL",
    "half": "OR SMALLER",
    "more": "ALL ALL)",
    "numbers": "1:9",
    "lost": "FILTER nowhere",
  });
  await client.exchange(`
    C: o SELECT INBOX
    S: o OK ...
    C: a SEARCH FILTER none
    S: a NO [UNDEFINED-FILTER none] ...
    C: b SEARCH FILTER self
    S: b NO [UNDEFINED-FILTER self] ...
    C: c SEARCH FILTER ping
    S: c NO [UNDEFINED-FILTER ping] ...
    C: d SEARCH FILTER half
    S: d NO [UNDEFINED-FILTER half] ...
    C: e SEARCH FILTER more
    S: e NO [UNDEFINED-FILTER more] ...
    C: f SEARCH FILTER numbers
    S: f BAD ...
    C: g SEARCH FILTER lost
    S: g NO [UNDEFINED-FILTER nowhere] ...
    C: h SEARCH FILTER a/b
    S: h BAD ...
    C: i SEARCH CHARSET ISO-8859-1 FILTER half
    S: i BAD [BADCHARSET (...)] ...
    C: j UID SEARCH RETURN (SAVE) ALL
    S: j OK ...
    C: k UID SEARCH RETURN (SAVE) FILTER none
    S: k NO [UNDEFINED-FILTER none] ...
    C: l SEARCH $
    S: * SEARCH
    S: l OK ...
    C: m SEARCH FILTER
    S: m BAD ...
  `);
});

protocolTest("filters that name filters do not grow without end (RFC 5466 §5)", async (t) => {
  const client = await t.login({ inbox });
  const values: Record<string, string> = { f0: "SEEN FLAGGED" };
  for (let i = 1; i <= 12; i++) values[`f${i}`] = Array(10).fill(`FILTER f${i - 1}`).join(" ");
  await filters(t, values);
  await client.exchange(`
    C: o SELECT INBOX
    S: o OK ...
    C: a SEARCH FILTER f2
    S: * SEARCH
    S: a OK ...
    C: b SEARCH FILTER f5
    S: b NO [LIMIT] ...
    C: c SEARCH FILTER f12
    S: c NO ...
  `);
});

protocolTest("SETMETADATA takes whole search programs alone for a filter (RFC 5466 §3.2)", async (t) => {
  const client = await t.login({ inbox });
  await client.exchange(`
    C: o SELECT INBOX
    S: o OK ...
    C: a007 SETMETADATA "" (/private/filters/values/on-the-road "OR SMALLER 5000 FROM \\"boss@example.com\\"")
    S: a007 OK ...
    C: b SEARCH FILTER on-the-road
    S: * SEARCH 1 2 3
    S: b OK ...
    C: c SETMETADATA "" (/private/filters/values/on-the-road "OR SMALLER")
    S: c NO ...
    C: d SEARCH UID 2:900 FILTER on-the-road SINCE "3-Dec-2002"
    S: * SEARCH 2 3
    S: d OK ...
    C: e SETMETADATA "" (/private/filters/values/on-the-road NIL)
    S: e OK ...
    C: f SEARCH FILTER on-the-road
    S: f NO [UNDEFINED-FILTER on-the-road] ...
  `);
});
