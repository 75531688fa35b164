import assert from "node:assert/strict";
import { EXTENSIONS } from "../../server/imap/capabilities.ts";
import { COMMANDS } from "../../server/imap/commands/table.ts";
import { withholdable } from "../../server/imap/withheld.ts";
import { protocolTest } from "../support/protocol.ts";

protocolTest("a withheld capability is not announced, and its command and ENABLE word are unknown", async (t) => {
  const account = await t.account();
  await t.store.directory.setWithheld(account.id, ["UIDONLY", "NOTIFY", "COMPRESS=DEFLATE"]);
  const client = await t.connect();
  const welcome = await client.command("LOGIN alice@example.org secret");
  assert.doesNotMatch(welcome[0], /UIDONLY|NOTIFY|COMPRESS/);
  const [capabilities] = await client.ok("CAPABILITY");
  assert.doesNotMatch(capabilities, /UIDONLY|NOTIFY|COMPRESS/);
  assert.match(capabilities, / PARTIAL /);
  await client.exchange(`
    C: a1 ENABLE uidonly CONDSTORE
    S: * ENABLED CONDSTORE
    S: a1 OK ...
    C: a2 NOTIFY NONE
    S: a2 BAD unknown command
    C: a3 COMPRESS DEFLATE
    S: a3 BAD unknown command
    C: a4 IDLE
    S: + idling
    C: DONE
    S: a4 OK ...
  `);
});

protocolTest("what is withheld from one account is offered to others, and given back by an empty list", async (t) => {
  const account = await t.account();
  await t.store.directory.setWithheld(account.id, ["UIDONLY"]);
  assert.deepEqual((await t.store.directory.get(account.id))?.withheld, ["UIDONLY"]);
  const bob = await t.login({ address: "bob@example.org" });
  assert.match((await bob.ok("CAPABILITY"))[0], / UIDONLY/);
  await t.store.directory.setWithheld(account.id, []);
  const alice = await t.login();
  assert.match((await alice.ok("CAPABILITY"))[0], / UIDONLY/);
});

Deno.test("every capability by which a command can be withheld is in the table, and so is the command", () => {
  const names = new Set(EXTENSIONS.map(({ name }) => name));
  const commands = new Set(COMMANDS.map(({ name }) => name));
  for (const [command, capability] of withholdable()) {
    assert(names.has(capability), capability);
    assert(commands.has(command), command);
  }
});
