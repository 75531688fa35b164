import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { md5, md5Block, md5Finish, md5Start } from "../../auth/md5.ts";

const hex = (bytes: Uint8Array) => [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");

Deno.test("MD5 test suite (RFC 1321 §A.5)", () => {
  const cases = {
    "": "d41d8cd98f00b204e9800998ecf8427e",
    "a": "0cc175b9c0f1b6a831c399e269772661",
    "abc": "900150983cd24fb0d6963f7d28e17f72",
    "message digest": "f96b697d7cb7938d525a2f31aaf161d0",
    "abcdefghijklmnopqrstuvwxyz": "c3fcd3d76192e4007dfb496cca67e13b",
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789": "d174ab98d277d9f5a5611c2c9f419d9f",
    "12345678901234567890123456789012345678901234567890123456789012345678901234567890":
      "57edf4a22be3c955ac49da2e2107b67a",
  };
  for (const [text, digest] of Object.entries(cases)) assert.equal(hex(md5(new TextEncoder().encode(text))), digest);
});

Deno.test("MD5 of every length around the block size is the platform's", () => {
  for (let length = 0; length < 200; length++) {
    const message = Uint8Array.from({ length }, (_, i) => (i * 37 + length) & 0xff);
    assert.equal(hex(md5(message)), createHash("md5").update(message).digest("hex"));
  }
});

Deno.test("MD5 goes on from a kept state", () => {
  const message = Uint8Array.from({ length: 150 }, (_, i) => i);
  const state = md5Block(md5Start(), message.subarray(0, 64));
  assert.equal(hex(md5Finish(state, 64, message.subarray(64))), createHash("md5").update(message).digest("hex"));
});
