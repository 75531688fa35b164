import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import {
  ANY,
  facts,
  internalDate,
  largeMessage,
  LIGHT,
  message,
  messages,
  secondsOf,
  SHORT,
  WORDS,
} from "../../scripts/bench/corpus.ts";
import { parseMessage } from "../../store/mime/message.ts";
import { memorySource } from "../../store/mime/source.ts";

function digest(profile: typeof ANY): string {
  const hash = createHash("sha256");
  for (const { bytes } of messages(profile, 0, 200)) hash.update(bytes);
  return hash.digest("hex").slice(0, 16);
}

Deno.test("the corpus is the same on each machine, so that runs can be compared", () => {
  assert.deepEqual([ANY, LIGHT, SHORT].map(digest), ["abc3bea7c0ce7404", "95cd5c550e296655", "8e93e5daa9c77864"]);
});

Deno.test("a message does not depend on those made before it", () => {
  const first = message(LIGHT, 77).bytes;
  facts(LIGHT, 200);
  assert.ok(message(LIGHT, 77).bytes.equals(first));
  assert.ok(!message(LIGHT, 78).bytes.equals(first));
});

Deno.test("facts are those of the messages", () => {
  const known = facts(ANY, 50);
  assert.equal(known.length, 50);
  for (const { number, size, messageId } of known) {
    const { bytes } = message(ANY, number);
    assert.equal(bytes.length, size);
    assert.ok(bytes.includes(`Message-ID: ${messageId}\r\n`));
  }
});

Deno.test("sizes keep within the profile, give or take a header", () => {
  const sizes = facts(LIGHT, 1000).map(({ size }) => size);
  assert.ok(Math.max(...sizes) < LIGHT.most + 4096);
  assert.ok(Math.min(...sizes) > LIGHT.least / 2);
});

Deno.test("search words stand where the facts say, in whatever encoding, and nowhere else", () => {
  const decoder = new TextDecoder();
  const hits = new Map<string, number>();
  for (const { number, words, subject, from } of facts(LIGHT, 1100)) {
    const { searchText } = parseMessage(memorySource(message(LIGHT, number).bytes));
    const text = decoder.decode(searchText ?? assert.fail());
    for (const word of [WORDS.bodyRare, WORDS.bodyCommon, WORDS.text, WORDS.absent]) {
      const expected = words.includes(word);
      assert.equal(text.includes(word.toUpperCase()) || text.includes(word), expected, `${word} in message ${number}`);
      if (expected) hits.set(word, (hits.get(word) ?? 0) + 1);
    }
    if (from.address === "zuzanna.quill@rare.example") hits.set("from", (hits.get("from") ?? 0) + 1);
    if (subject.includes("palimpsest")) hits.set("subject", (hits.get("subject") ?? 0) + 1);
  }
  for (const word of [WORDS.bodyRare, WORDS.bodyCommon, WORDS.text, "from", "subject"]) {
    assert.ok((hits.get(word) ?? 0) > 0, `nothing has ${word}`);
  }
});

Deno.test("the large message has the size asked for, or a line more", () => {
  const { size, bytes } = largeMessage(1 << 20);
  assert.equal(bytes.length, size);
  assert.ok(Math.abs(size - (1 << 20)) < 2048);
});

Deno.test("dates for APPEND are read back as they were", () => {
  assert.equal(internalDate(1_600_000_000), "13-Sep-2020 12:26:40 +0000");
  assert.equal(secondsOf(internalDate(1_600_000_000)), 1_600_000_000);
  assert.equal(secondsOf("13-Sep-2020 14:26:40 +0200"), 1_600_000_000);
  assert.ok(Number.isNaN(secondsOf("yesterday")));
});
