import { protocolTest, type TestClient, type TestServer } from "../support/protocol.ts";

/** A client whose account has INBOX and these mailboxes only, and is subscribed to those of `subscribed` only. */
async function hierarchy(
  t: TestServer,
  mailboxes: readonly string[],
  subscribed: readonly string[],
): Promise<TestClient> {
  const client = await t.login();
  for (const name of ["Archive", "Drafts", "Junk", "Sent", "Trash"]) await client.ok(`DELETE ${name}`);
  for (const name of mailboxes) await client.ok(`CREATE ${name}`);
  for (const line of await client.ok('LSUB "" *')) await client.ok(`UNSUBSCRIBE ${line.split(" ").at(-1)}`);
  for (const name of subscribed) await client.ok(`SUBSCRIBE ${name}`);
  return client;
}

const fruit = ["Fruit/Apple", "Fruit/Banana", "Tofu", "Vegetable/Broccoli", "Vegetable/Corn"];
const subscribed = ["INBOX", "Fruit/Banana", "Fruit/Peach", "Vegetable", "Vegetable/Broccoli"];

protocolTest("examples 1 and 2: all mailboxes, and the subscribed ones (RFC 5258 §5)", async (t) => {
  const client = await hierarchy(t, fruit, subscribed);
  await client.exchange(`
    C: A01 LIST "" "*"
    S: * LIST (\\HasNoChildren) "/" INBOX
    S: * LIST (\\HasChildren) "/" Fruit
    S: * LIST (\\HasNoChildren) "/" Fruit/Apple
    S: * LIST (\\HasNoChildren) "/" Fruit/Banana
    S: * LIST (\\HasNoChildren) "/" Tofu
    S: * LIST (\\HasChildren) "/" Vegetable
    S: * LIST (\\HasNoChildren) "/" Vegetable/Broccoli
    S: * LIST (\\HasNoChildren) "/" Vegetable/Corn
    S: A01 OK ...
    C: A02 LIST (SUBSCRIBED) "" "*"
    S: * LIST (\\HasNoChildren \\Subscribed) "/" INBOX
    S: * LIST (\\HasNoChildren \\Subscribed) "/" Fruit/Banana
    S: * LIST (\\NonExistent \\Subscribed) "/" Fruit/Peach
    S: * LIST (\\HasChildren \\Subscribed) "/" Vegetable
    S: * LIST (\\HasNoChildren \\Subscribed) "/" Vegetable/Broccoli
    S: A02 OK ...
  `);
});

protocolTest("examples 3 to 6: CHILDREN, REMOTE and SUBSCRIBED (RFC 5258 §5)", async (t) => {
  const client = await hierarchy(t, fruit, subscribed);
  await client.exchange(`
    C: A03 LIST () "" "%" RETURN (CHILDREN)
    S: * LIST (\\HasNoChildren) "/" INBOX
    S: * LIST (\\HasChildren) "/" Fruit
    S: * LIST (\\HasNoChildren) "/" Tofu
    S: * LIST (\\HasChildren) "/" Vegetable
    S: A03 OK ...
    C: A05 LIST (REMOTE SUBSCRIBED) "" "Fruit/*"
    S: * LIST (\\HasNoChildren \\Subscribed) "/" Fruit/Banana
    S: * LIST (\\NonExistent \\Subscribed) "/" Fruit/Peach
    S: A05 OK ...
    C: A06 LIST (REMOTE) "" "Fruit/*" RETURN (SUBSCRIBED)
    S: * LIST (\\HasNoChildren) "/" Fruit/Apple
    S: * LIST (\\HasNoChildren \\Subscribed) "/" Fruit/Banana
    S: A06 OK ...
  `);
});

protocolTest("example 7: several patterns (RFC 5258 §5)", async (t) => {
  const client = await hierarchy(t, ["Drafts", "Sent/March2004", "Sent/December2003", "Sent/August2004"], []);
  await client.exchange(`
    C: BBB LIST "" ("INBOX" "Drafts" "Sent/%")
    S: * LIST (\\HasNoChildren) "/" INBOX
    S: * LIST (\\HasNoChildren) "/" Drafts
    S: * LIST (\\HasNoChildren) "/" Sent/August2004
    S: * LIST (\\HasNoChildren) "/" Sent/December2003
    S: * LIST (\\HasNoChildren) "/" Sent/March2004
    S: BBB OK ...
  `);
});

protocolTest("example 8: \\HasChildren and CHILDINFO are not the same (RFC 5258 §5)", async (t) => {
  const client = await hierarchy(t, ["Foo/Bar", "Foo/Baz", "Moo"], ["Foo/Baz"]);
  await client.exchange(`
    C: CA3 LIST "" "%" RETURN (CHILDREN)
    S: * LIST (\\HasNoChildren) "/" INBOX
    S: * LIST (\\HasChildren) "/" Foo
    S: * LIST (\\HasNoChildren) "/" Moo
    S: CA3 OK ...
    C: C02 LIST (SUBSCRIBED) "" "*"
    S: * LIST (\\HasNoChildren \\Subscribed) "/" Foo/Baz
    S: C02 OK ...
    C: C03 LIST (SUBSCRIBED) "" "%"
    S: C03 OK ...
    C: C04 LIST (SUBSCRIBED RECURSIVEMATCH) "" "%"
    S: * LIST (\\HasChildren) "/" Foo ("CHILDINFO" ("SUBSCRIBED"))
    S: C04 OK ...
    C: C05 SUBSCRIBE Foo
    S: C05 OK ...
    C: C06 LIST (SUBSCRIBED RECURSIVEMATCH) "" "%"
    S: * LIST (\\HasChildren \\Subscribed) "/" Foo ("CHILDINFO" ("SUBSCRIBED"))
    S: C06 OK ...
  `);
});

protocolTest("example 8, A2 to C: parents that are missing or have no subscribed child (RFC 5258 §5)", async (t) => {
  const client = await hierarchy(t, ["Foo/Bar", "Moo"], ["Gone/Baz"]);
  await client.exchange(`
    C: C04 LIST (SUBSCRIBED RECURSIVEMATCH) "" "%"
    S: * LIST (\\NonExistent) "/" Gone ("CHILDINFO" ("SUBSCRIBED"))
    S: C04 OK ...
    C: C05 UNSUBSCRIBE Gone/Baz
    S: C05 OK ...
    C: C06 LIST (SUBSCRIBED RECURSIVEMATCH) "" "%"
    S: C06 OK LIST done
    C: C07 SUBSCRIBE Foo
    S: C07 OK ...
    C: C08 SUBSCRIBE Moo
    S: C08 OK ...
    C: C09 LIST (SUBSCRIBED RECURSIVEMATCH) "" "%" RETURN (CHILDREN)
    S: * LIST (\\HasChildren \\Subscribed) "/" Foo
    S: * LIST (\\HasNoChildren \\Subscribed) "/" Moo
    S: C09 OK ...
  `);
});

protocolTest("example 9: CHILDINFO whether or not the children match the pattern (RFC 5258 §5)", async (t) => {
  const children = ["foo2/bar1", "foo2/bar2", "baz2/bar2", "baz2/bar22", "baz2/bar222", "eps2/mamba", "qux2/bar2"];
  const client = await hierarchy(t, children, [...children, "eps2"]);
  await client.exchange(`
    C: D03 LIST (RECURSIVEMATCH SUBSCRIBED) "" "*2"
    S: * LIST (\\HasChildren) "/" baz2 ("CHILDINFO" ("SUBSCRIBED"))
    S: * LIST (\\HasNoChildren \\Subscribed) "/" baz2/bar2
    S: * LIST (\\HasNoChildren \\Subscribed) "/" baz2/bar22
    S: * LIST (\\HasNoChildren \\Subscribed) "/" baz2/bar222
    S: * LIST (\\HasChildren \\Subscribed) "/" eps2 ("CHILDINFO" ("SUBSCRIBED"))
    S: * LIST (\\HasChildren) "/" foo2 ("CHILDINFO" ("SUBSCRIBED"))
    S: * LIST (\\HasNoChildren \\Subscribed) "/" foo2/bar2
    S: * LIST (\\HasChildren) "/" qux2 ("CHILDINFO" ("SUBSCRIBED"))
    S: * LIST (\\HasNoChildren \\Subscribed) "/" qux2/bar2
    S: D03 OK ...
  `);
});

protocolTest("example 10: CHILDINFO does not imply \\HasChildren (RFC 5258 §5)", async (t) => {
  const client = await hierarchy(t, ["foo"], ["foo/bar"]);
  await client.exchange(`
    C: a1 LIST "" ("foo" "foo/*")
    S: * LIST (\\HasNoChildren) "/" foo
    S: a1 OK ...
    C: a2 LIST (SUBSCRIBED) "" "foo/*"
    S: * LIST (\\NonExistent \\Subscribed) "/" foo/bar
    S: a2 OK ...
    C: a3 LIST (SUBSCRIBED RECURSIVEMATCH) "" foo RETURN (CHILDREN)
    S: * LIST (\\HasNoChildren) "/" foo ("CHILDINFO" ("SUBSCRIBED"))
    S: a3 OK ...
  `);
});
