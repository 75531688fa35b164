import assert from "node:assert/strict";
import { Observer } from "../clients/support/observer.ts";
import { startServer } from "./server.ts";

const roost = { ignore: Deno.env.has("ROOST_TEST_SERVER"), sanitizeOps: false, sanitizeResources: false };
const password = "Sturgeon-42";
const mail = "Subject: kept\r\n\r\nStill here.\r\n";

Deno.test("a stopped server says BYE, ends with 0, and has everything when it starts again", roost, async () => {
  await using server = await startServer();
  const { imapPort, imapsPort } = server;
  await server.addAccount("ann@example.org", password);
  const before = await Observer.connect(imapPort, "ann@example.org", password);
  await before.append("INBOX", mail, "\\Flagged");
  const said = before.untilEnd();
  assert.equal(await server.stop(), 0);
  assert.match((await said).join("\n"), /^\* BYE/m);
  before.drop();

  await server.restart();
  assert.deepEqual([server.imapPort, server.imapsPort], [imapPort, imapsPort]);
  const after = await Observer.connect(imapPort, "ann@example.org", password);
  assert.deepEqual(await after.summary("INBOX"), ["kept: \\Flagged"]);
  await after.close();
});

Deno.test("a killed server has everything that it acknowledged", roost, async () => {
  await using server = await startServer();
  await server.addAccount("ann@example.org", password);
  const before = await Observer.connect(server.imapPort, "ann@example.org", password);
  for (let i = 0; i < 20; i++) await before.append("INBOX", mail);
  await before.store("INBOX", 3, "+FLAGS (\\Answered)");
  await before.remove("INBOX", 1);
  await server.kill();
  before.drop();

  await server.restart();
  const after = await Observer.connect(server.imapPort, "ann@example.org", password);
  const messages = await after.messages("INBOX");
  assert.deepEqual(messages.map(({ uid }) => uid), Array.from({ length: 19 }, (_, i) => i + 2));
  assert.deepEqual([messages[0].flags, messages[1].flags], ["", "\\Answered"]);
  await after.close();
});

Deno.test("a server that cannot start fails the test with what it said", roost, async () => {
  const starting = startServer({ config: { nonsense: true } });
  await assert.rejects(starting, /the server ended: code \d+[^]*nonsense/);
});

Deno.test("the command line works beside the server", roost, async () => {
  await using server = await startServer();
  await server.addAccounts([{ address: "ann@example.org", password }, { address: "bob@example.org", password }]);
  const listed = await server.roost(["account", "list"]);
  assert.match(new TextDecoder().decode(listed.stdout), /ann@example\.org[^]*bob@example\.org/);
  const observer = await Observer.connect(server.imapPort, "bob@example.org", password);
  const delivered = await server.roost(["deliver", "bob@example.org", "--mailbox", "Junk"], mail);
  assert.deepEqual([delivered.code, delivered.stderr], [0, ""]);
  assert.deepEqual(await observer.summary("Junk"), ["kept"]);
  await observer.close();
  const refused = await server.roost(["deliver", "nobody@example.org"], mail);
  assert.notEqual(refused.code, 0);
  assert.match(refused.stderr, /^[^\n]*nobody@example\.org[^\n]*\n$/);
});
