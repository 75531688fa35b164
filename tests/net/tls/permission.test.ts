import assert from "node:assert/strict";
import { pairFor } from "./pairs.ts";
import { run } from "./tcp.ts";

const PROGRAM = new URL("./programs/handshakes.ts", import.meta.url).pathname;
const PAIRS = [await pairFor(["localhost"]), await pairFor(["localhost"])].map((pair) => JSON.stringify(pair));

const program = (...permissions: string[]) =>
  run(Deno.execPath(), ["run", "--no-prompt", "--no-check", "--quiet", ...permissions, PROGRAM, ...PAIRS]);

Deno.test("an open engine needs no permission for foreign functions any more, for new certificates neither", async () => {
  assert.equal(await program("--allow-ffi", "--allow-net"), "prompt\nTLSv1.3 imap 32\nTLSv1.3 imap 32\n");
});

Deno.test("without the permission, or with one for files alone, there is no engine, and nobody is asked", async () => {
  assert.equal(await program("--allow-net"), "no engine\n");
  assert.equal(await program("--allow-net", "--allow-ffi=libssl.so.3,libcrypto.so.3"), "no engine\n");
});
