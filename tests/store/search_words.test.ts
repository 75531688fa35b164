import assert from "node:assert/strict";
import { Pattern } from "../../store/pattern.ts";
import { TextCollector } from "../../store/sqlite/search/textcollector.ts";
import { textNeedle } from "../../store/sqlite/search/needle.ts";
import { joinedWords, LONGEST_WORD, separateWords, Vocabulary, wordsWith } from "../../store/sqlite/search/words.ts";
import { randomNumbers } from "./searchsupport.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const bytes = (text: string) => encoder.encode(text);
const textsOf = (words: readonly Uint8Array[]) => words.map((word) => decoder.decode(word));

Deno.test("words keep their numbers, whatever they have in common", () => {
  const vocabulary = new Vocabulary();
  const words = Array.from({ length: 5000 }, (_, i) => bytes(`w${i.toString(36)}`));
  // All with few hashes: told from one another by their bytes.
  words.forEach((word, i) => assert.equal(vocabulary.numberOf(word, 0, word.length, i % 250), i));
  words.forEach((word, i) => assert.equal(vocabulary.numberOf(word, 0, word.length, i % 250), i));
  words.forEach((word, i) => assert.deepEqual(vocabulary.bytesOf(i), word));
});

Deno.test("a vocabulary that is full takes no more words and knows those that it has", () => {
  const vocabulary = new Vocabulary(2);
  assert.deepEqual(["a", "b", "c", "b"].map((word) => vocabulary.numberOf(bytes(word), 0, 1, 7)), [0, 1, -1, 1]);
});

Deno.test("words with a part are found, at their beginning and end too", () => {
  const words = ["other", "the", "er", "", "thereafter", "bathe"].map(bytes);
  const joined = joinedWords(words);
  assert.deepEqual(separateWords(joined), words);
  const found = (part: string) => [...wordsWith(joined, new Pattern(bytes(part)))];
  assert.deepEqual(found("the"), [0, 1, 4, 5]);
  assert.deepEqual(found("\nthe"), [1, 4]);
  assert.deepEqual(found("the\n"), [1, 5]);
  assert.deepEqual(found("\nthe\n"), [1]);
  assert.deepEqual(found("er"), [0, 2, 4]);
  assert.deepEqual(found("x"), []);
  assert.deepEqual([...wordsWith(joinedWords([]), new Pattern(bytes("a")))], []);
});

Deno.test("words of many come first by how many have them; one is kept of one email in 64, and of four at least", () => {
  const collector = new TextCollector();
  for (let i = 0; i < 640; i++) {
    collector.add(bytes(`all ${i % 2 ? "half, half" : ""} ${i < 10 ? "ten" : ""} ${i < 9 ? "nine" : ""} only${i}`), i);
  }
  const { words, documentsOf } = collector.take(640);
  assert.deepEqual(textsOf(words), ["all", "half", "ten"]);
  assert.deepEqual(documentsOf.map(({ length }) => length), [640, 320, 10]);
  const few = new TextCollector();
  for (let i = 0; i < 5; i++) few.add(bytes(i < 3 ? "three four" : i < 4 ? "four" : ""), i);
  assert.deepEqual(textsOf(few.take(5).words), ["four"]);
});

Deno.test("so many words of many are kept and no more; the others leave trigrams", () => {
  const collector = new TextCollector();
  const text = bytes(Array.from({ length: 9000 }, (_, i) => `w${i}`).join(" "));
  for (let i = 0; i < 4; i++) collector.add(text, i);
  collector.add(bytes("w8999"), 4);
  const { words, trigrams } = collector.take(5);
  assert.equal(words.length, 8192);
  assert.equal(textsOf(words)[0], "w8999");
  const numbers = new Set([...trigrams.take()].map(([number]) => number));
  for (const trigram of textNeedle(bytes("w8998")).words[0].trigrams) assert.ok(numbers.has(trigram));
});

/** A text of words that texts share, some of them longer than words can be, and of signs between them. */
function wordyText(random: (n: number) => number): string {
  const words = [
    "the",
    "there",
    "a",
    "ab",
    "и",
    "это",
    "größe",
    "漢字",
    "ﬁn",
    "x".repeat(LONGEST_WORD),
    "yz".repeat(20),
  ];
  const between = [" ", " ", " ", "\r\n", ", ", ".", "_", "  ", "-", "€", "@b."];
  let text = "";
  for (let i = 0; i < 6; i++) {
    text += words[random(words.length)] + (random(4) === 0 ? random(50).toString(36) : "") +
      between[random(between.length)];
  }
  return text;
}

Deno.test("a text has what its parts must have; a word of many proves that they are in it", () => {
  const random = randomNumbers(21);
  for (const mostWords of [undefined, 5]) {
    const collector = new TextCollector(mostWords);
    const texts = Array.from({ length: 300 }, () => wordyText(random));
    texts.forEach((text, i) => collector.add(bytes(text), i));
    const { words, documentsOf, trigrams } = collector.take(texts.length);
    const joined = joinedWords(words);
    const having = new Map([...trigrams.take()].map(([number, documents]) => [number, new Set(documents)]));
    const hasAll = (wanted: Uint32Array, document: number) =>
      wanted.every((number) => having.get(number)?.has(document));
    for (let round = 0; round < 2000; round++) {
      const characters = [...texts[random(texts.length)]];
      const from = random(characters.length);
      const part = characters.slice(from, from + 1 + random(12)).join("");
      const needle = textNeedle(bytes(part));
      for (const [document, text] of texts.entries()) {
        const isThere = text.includes(part);
        const proofs = needle.words.map(({ part }) =>
          [...wordsWith(joined, part)].some((number) => documentsOf[number].includes(document))
        );
        if (needle.isWord && proofs[0]) assert.ok(isThere, part);
        if (!isThere) continue;
        assert.ok(hasAll(needle.trigrams, document), JSON.stringify(part));
        needle.words.forEach((word, i) => {
          assert.ok(proofs[i] || hasAll(word.trigrams, document), `${JSON.stringify(part)} in ${JSON.stringify(text)}`);
        });
      }
    }
  }
});

Deno.test("words that are known are told from others as they were", () => {
  const random = randomNumbers(22);
  const texts = Array.from({ length: 200 }, () => bytes(wordyText(random)));
  const collected = (most: number, words?: Uint8Array[]) => {
    const collector = new TextCollector(most);
    texts.forEach((text, i) => collector.add(text, i));
    const { words: found, documentsOf, trigrams } = collector.take(texts.length, words);
    return {
      words: textsOf(found),
      documentsOf,
      trigrams: new Map([...trigrams.take()].map(([n, all]) => [n, new Set(all)])),
    };
  };
  const first = collected(20);
  assert.deepEqual(collected(1000, first.words.map(bytes)), first);
  assert.deepEqual(collected(1000, [bytes("nowhere")]).documentsOf, [new Uint16Array(0)]);
});
