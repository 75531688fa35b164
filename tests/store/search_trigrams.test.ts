import assert from "node:assert/strict";
import { foldCase } from "../../store/mime/fold.ts";
import { addDocuments, MAX_DOCUMENTS, packDocuments } from "../../store/sqlite/search/postings.ts";
import { TrigramCollector, trigramsOf } from "../../store/sqlite/search/trigrams.ts";
import { randomNumbers, randomText } from "./searchsupport.ts";

const encoder = new TextEncoder();

/** By trigram, the documents that have it. */
function index(...texts: Uint8Array[]): Map<number, Set<number>> {
  const collector = new TrigramCollector();
  texts.forEach((text, document) => {
    collector.addAll(text, 0, text.length, document);
    collector.endDocument();
  });
  const found = new Map<number, Set<number>>();
  for (const [trigram, having] of collector.pairs.take()) {
    const words = new Uint32Array(MAX_DOCUMENTS / 32);
    addDocuments(packDocuments(having), words);
    const documents = new Set<number>();
    for (let i = 0; i < MAX_DOCUMENTS; i++) if (words[i >>> 5] >>> (i & 31) & 1) documents.add(i);
    found.set(trigram, documents);
  }
  return found;
}

Deno.test("a text has the trigrams of each of its parts, whatever characters they are of", () => {
  const random = randomNumbers(7);
  for (let round = 0; round < 300; round++) {
    const characters = [...randomText(random, 60)];
    const from = random(characters.length);
    const needle = characters.slice(from, from + 1 + random(40)).join("");
    const there = index(encoder.encode(characters.join("")));
    for (const trigram of trigramsOf(encoder.encode(needle))) assert.ok(there.has(trigram), JSON.stringify(needle));
  }
});

Deno.test("bytes that are no UTF-8 around a needle hide none of its trigrams", () => {
  const random = randomNumbers(8);
  for (let round = 0; round < 300; round++) {
    const needle = foldCase(randomText(random, 3 + random(10)));
    const noise = () => Uint8Array.from({ length: random(6) }, () => random(256));
    const there = index(Uint8Array.from([...noise(), ...needle, ...noise()]));
    for (const trigram of trigramsOf(needle)) assert.ok(there.has(trigram), String(needle));
  }
});

Deno.test("needles of one and two characters have no trigrams", () => {
  for (const needle of ["", "a", "ab", "漢字", "😀😀", "a\0"]) {
    assert.equal(trigramsOf(encoder.encode(needle)).length, 0);
  }
  assert.equal(trigramsOf(encoder.encode("漢字x")).length, 1);
});

Deno.test("postings give back few, many and all documents", () => {
  for (const every of [1, 2, 3, 7, 50, 127, 128, 129, 300, 1023]) {
    const texts = Array.from(
      { length: MAX_DOCUMENTS },
      (_, i) => encoder.encode(i % every === every - 1 ? "abc" : "xy"),
    );
    const expected = texts.flatMap((text, i) => text.length === 3 ? [i] : []);
    assert.deepEqual([...index(...texts).values()], [new Set(expected)], `every ${every}`);
  }
});
