import assert from "node:assert/strict";
import { protocolTest } from "../support/protocol.ts";

protocolTest("INPROGRESS is announced after login (RFC 9585)", async (t) => {
  const client = await t.login();
  assert.match((await client.ok("CAPABILITY"))[0], / INPROGRESS/);
});
