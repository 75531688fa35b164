import assert from "node:assert/strict";
import { mail, protocolTest } from "../support/protocol.ts";

function id(line: string | undefined): string {
  const found = /MAILBOXID \(([A-Za-z0-9_-]{1,255})\)/.exec(line ?? "")?.[1];
  assert(found, line);
  return found;
}

protocolTest("MAILBOXID of CREATE, SELECT, STATUS and LIST stays over RENAME (RFC 8474 §4)", async (t) => {
  const client = await t.login();
  const foo = id((await client.command("create foo")).at(-1));
  const bar = id((await client.command("create bar")).at(-1));
  assert.notEqual(foo, bar);
  await client.exchange(`
    C: 5 create foo
    S: 5 NO [ALREADYEXISTS] ...
    C: 27 select "foo"
    S: ...
    S: * OK [MAILBOXID (${foo})] ...
    S: 27 OK [READ-WRITE] ...
    C: 6 status foo (mailboxid)
    S: * STATUS foo (MAILBOXID (${foo}))
    S: 6 OK ...
    C: 8 rename foo renamed
    S: 8 OK ...
    C: 9 status renamed (mailboxid)
    S: * STATUS renamed (MAILBOXID (${foo}))
    S: 9 OK ...
    C: 11 list "" (bar ren*) return (status (mailboxid))
    S: * LIST (\\HasNoChildren) "/" bar
    S: * STATUS bar (MAILBOXID (${bar}))
    S: * LIST (\\HasNoChildren) "/" renamed
    S: * STATUS renamed (MAILBOXID (${foo}))
    S: 11 OK ...
  `);
});

protocolTest("EMAILID and THREADID stay over MOVE, and can be searched for (RFC 8474 §5)", async (t) => {
  const client = await t.login({
    inbox: [mail("A"), mail("Re: A", "x", ["In-Reply-To: <A@example.org>"]), mail("C")],
  });
  await client.ok("CREATE foo");
  await client.ok("SELECT INBOX");
  const rows = (await client.ok("FETCH 1:* (EMAILID THREADID)")).map((line) =>
    /EMAILID \((\w+)\) THREADID \((\w+)\)/.exec(line) ?? []
  );
  const emails = rows.map(([, email]) => email);
  const threads = rows.map(([, , thread]) => thread);
  assert.equal(new Set(emails).size, 3);
  assert.equal(threads[0], threads[1]);
  assert.notEqual(threads[0], threads[2]);
  await client.exchange(`
    C: 23 MOVE 2 foo
    S: * OK [COPYUID ${await t.uidvalidity("foo")} 2 1] ...
    S: * 2 EXPUNGE
    S: 23 OK ...
    C: 24 FETCH 1:* (EMAILID THREADID)
    S: * 1 FETCH (EMAILID (${emails[0]}) THREADID (${threads[0]}))
    S: * 2 FETCH (EMAILID (${emails[2]}) THREADID (${threads[2]}))
    S: 24 OK ...
    C: 25 SELECT foo
    S: 25 OK ...
    C: 26 FETCH 1 (EMAILID THREADID)
    S: * 1 FETCH (EMAILID (${emails[1]}) THREADID (${threads[1]}))
    S: 26 OK ...
    C: 27 SEARCH EMAILID ${emails[1]}
    S: * SEARCH 1
    S: 27 OK ...
    C: 28 SEARCH THREADID ${threads[0]}
    S: * SEARCH 1
    S: 28 OK ...
    C: 29 SEARCH OR EMAILID unheard THREADID ${threads[2]}
    S: * SEARCH
    S: 29 OK ...
  `);
});
