/** What the fuzzer once found. */
import assert from "node:assert/strict";
import { constants, createDeflateRaw, inflateRawSync } from "node:zlib";
import { bytesOf } from "../../scripts/fuzz/bytes.ts";
import { protocolTest } from "../support/protocol.ts";

const FLUSH = constants.Z_SYNC_FLUSH;

protocolTest("a command whose tag is too long to be repeated is not run (RFC 9051 §2.2.1)", async (server) => {
  const alice = await server.login();
  await alice.exchange(`
    C: ${"x".repeat(101)} LOGOUT
    S: * BAD ...
    C: a1 NOOP
    S: a1 OK NOOP done
  `);
});

protocolTest("the farewell behind UNAUTHENTICATE is not compressed any more (RFC 8437 §4.1)", async (server) => {
  const alice = await server.login();
  await alice.ok("COMPRESS DEFLATE");
  const deflate = createDeflateRaw();
  const flushed = new Promise<void>((resolve) => {
    deflate.write("a UNAUTHENTICATE\r\nb NOOP\r\n");
    deflate.flush(FLUSH, () => resolve());
  });
  await flushed;
  await alice.send(deflate.read());
  const answer = await alice.rest();
  const end = answer.indexOf("\0\0\xff\xff") + 4;
  assert.equal(
    inflateRawSync(bytesOf(answer.slice(0, end)), { finishFlush: FLUSH }).toString(),
    "a OK log in again\r\n",
  );
  assert.match(answer.slice(end), /^\* BYE /);
  deflate.destroy();
});
