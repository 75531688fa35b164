/**
 * Kills a real server with SIGKILL while several clients of one account append without waiting for answers, so that their commits are
 * flushed together: what was answered OK is there, and nothing is there twice.
 */
import assert from "node:assert/strict";
import { verifyStore } from "../../store/sqlite/verify.ts";
import { Random } from "../model/random.ts";
import { startServer } from "../support/server.ts";
import { Imap } from "./imap.ts";

const KILLS = 5;
const CLIENTS = 4;
const AHEAD = 16;
const ADDRESS = "alice@example.org";

Deno.test("SIGKILL among pipelined APPENDs to one account", async () => {
  await using server = await startServer({});
  if (server.foreign) return;
  await server.addAccount(ADDRESS, "secret");
  const random = new Random(77);
  const acknowledged = new Set<string>();
  const sent = new Set<string>();
  for (let kill = 0; kill < KILLS; kill++) {
    const enough = 20 + random.below(400);
    let answered = 0;
    const killed = Promise.withResolvers<void>();
    await Promise.all(Array.from({ length: CLIENTS }, async (_, client) => {
      const imap = await Imap.connect(server.imapPort);
      await imap.ok(`LOGIN ${ADDRESS} secret`);
      const lane = async (number: number) => {
        for (let at = 0;; at++) {
          const subject = `s${kill}-${client}-${number}-${at}`;
          sent.add(subject);
          const body = "0123456789abcdef\r\n".repeat(random.below(2000));
          await imap.ok("APPEND INBOX ", new TextEncoder().encode(`Subject: ${subject}\r\n\r\n${body}`));
          acknowledged.add(subject);
          if (++answered === enough) killed.resolve(server.kill());
        }
      };
      await Promise.allSettled(Array.from({ length: AHEAD }, (_, number) => lane(number)));
    }));
    await killed.promise;
    await server.restart();
  }
  const imap = await Imap.connect(server.imapPort);
  await imap.ok(`LOGIN ${ADDRESS} secret`);
  await imap.ok("SELECT INBOX");
  const { untagged } = await imap.ok("FETCH 1:* (BODY.PEEK[HEADER.FIELDS (SUBJECT)])");
  const headers = untagged.flatMap(({ literals }) => literals.map((literal) => new TextDecoder().decode(literal)));
  const found = headers.map((header) => /^Subject: (\S+)/.exec(header)?.[1] ?? header);
  assert.equal(new Set(found).size, found.length, "a message is there twice");
  for (const subject of acknowledged) {
    assert.ok(found.includes(subject), `${subject} was acknowledged and is not there`);
  }
  for (const subject of found) assert.ok(sent.has(subject));
  await imap.close();
  await server.stop();
  const faults: string[] = [];
  await verifyStore(server.dataDir, (fault) => void faults.push(JSON.stringify(fault)));
  assert.deepEqual(faults, []);
});
