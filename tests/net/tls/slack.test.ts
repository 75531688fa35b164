import assert from "node:assert/strict";
import { loadOpenSsl } from "../../../server/net/tls/ffi.ts";
import { Slack } from "../../../server/net/tls/slack.ts";

Deno.test("memory is given back once after a burst of handshakes, and not for a few", async () => {
  let trimmed = 0;
  const given = Promise.withResolvers<void>();
  const malloc_trim = async () => {
    trimmed++;
    given.resolve();
    return 1;
  };
  const [few, many] = [new Slack({ malloc_trim }, 1), new Slack({ malloc_trim }, 1)];
  for (let at = 0; at < 99; at++) few.handshake();
  for (let at = 0; at < 150; at++) many.handshake();
  await given.promise;
  few.close();
  many.close();
  assert.equal(trimmed, 1);
});

Deno.test("while handshakes keep coming nothing is given back", () => {
  const slack = new Slack({ malloc_trim: () => assert.fail("given back") }, 1_000_000);
  for (let at = 0; at < 1000; at++) slack.handshake();
  slack.close();
});

Deno.test("the C library gives memory back", { ignore: Deno.build.os !== "linux" }, async () => {
  const trim = loadOpenSsl()?.malloc_trim;
  assert(trim);
  assert.ok([0, 1].includes(await trim(0n)));
});
