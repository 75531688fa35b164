import assert from "node:assert/strict";
import { Pace } from "../../server/imap/pace.ts";
import { type Forest, type Messages, writeForest } from "../../server/imap/search/thread/forest.ts";
import { linkReferences } from "../../server/imap/search/thread/links.ts";
import { references, refs } from "../../server/imap/search/thread/references.ts";
import { Encoder } from "../../server/imap/wire/encoder.ts";
import { Random } from "../model/random.ts";

const id = (n: number) => `A${String(n).padStart(7, "A")}`;

function messages(
  list: readonly { id?: number; refs: readonly number[]; subject?: string; reply?: boolean }[],
): Messages {
  return {
    count: list.length,
    ids: list.map((message) => message.id === undefined ? "" : id(message.id)),
    references: list.map((message) => message.refs.map(id).join("")),
    subjects: list.map(({ subject }) => subject ?? ""),
    isReply: Uint8Array.from(list, ({ reply }) => reply ? 1 : 0),
    ranks: Uint32Array.from(list, (_, i) => i),
  };
}

/** Step 1 of REFERENCES as RFC 5256 §3 words it: links are made message by message, and broken again. */
function linksByTheBook(list: readonly { id?: number; refs: readonly number[] }[]): Map<string, string | undefined> {
  const names = new Map<number, string>();
  const parents = new Map<string, string | undefined>();
  list.forEach((message, i) => {
    if (message.id !== undefined && !names.has(message.id)) names.set(message.id, `m${i}`);
  });
  const nameOf = (ref: number) => names.get(ref) ?? `dummy${ref}`;
  const isBelow = (node: string, above: string) => {
    for (let at: string | undefined = node; at; at = parents.get(at)) if (at === above) return true;
    return false;
  };
  list.forEach((message, i) => {
    const all = message.refs.map(nameOf);
    for (let k = 1; k < all.length; k++) {
      if (!parents.get(all[k]) && !isBelow(all[k - 1], all[k])) parents.set(all[k], all[k - 1]);
    }
    const last = all.at(-1);
    parents.set(`m${i}`, undefined);
    if (last && !isBelow(last, `m${i}`)) parents.set(`m${i}`, last);
  });
  return parents;
}

for (const seed of [1, 2, 3, 4, 5, 6]) {
  Deno.test(`links are those of RFC 5256 §3 where nobody lies, seed ${seed}`, async () => {
    const random = new Random(seed);
    for (let round = 0; round < 200; round++) {
      // A true conversation: some messages are missing, headers are truncated at their beginning, the order is any.
      const size = 2 + random.below(20);
      const parent = Array.from({ length: size }, (_, n) => n === 0 || random.chance(0.2) ? -1 : random.below(n));
      const list: { id: number; refs: number[] }[] = [];
      for (let n = 0; n < size; n++) {
        if (random.chance(0.3)) continue;
        const way: number[] = [];
        for (let at = parent[n]; at >= 0; at = parent[at]) way.unshift(at);
        const refs = way.slice(random.chance(0.3) ? random.below(way.length + 1) : 0);
        // One in between is left out now and then.
        if (refs.length > 2 && random.chance(0.3)) refs.splice(1, 1);
        list.splice(random.below(list.length + 1), 0, { id: n, refs });
      }
      const expected = linksByTheBook(list);
      const links = await linkReferences(messages(list), new Pace());
      const found = list.map((_, i) => links[i] < 0 ? undefined : links[i] < list.length ? `m${links[i]}` : "dummy");
      const wanted = list.map((_, i) => expected.get(`m${i}`)?.replace(/^dummy.*/, "dummy"));
      assert.deepEqual(found, wanted, JSON.stringify(list));
    }
  });

  Deno.test(`whatever headers say, each message stands in one place, seed ${seed}`, async () => {
    const random = new Random(seed);
    for (let round = 0; round < 200; round++) {
      const size = 1 + random.below(15);
      const list = Array.from({ length: size }, () => ({
        id: random.chance(0.9) ? random.below(12) : undefined,
        refs: Array.from({ length: random.below(4) }, () => random.below(16)),
        subject: random.pick(["", "a", "b"]),
        reply: random.chance(0.5),
      }));
      for (const algorithm of [references, refs]) {
        const text = await written(await algorithm(messages(list), new Pace()));
        const numbers = (text.match(/\d+/g) ?? []).map(Number).sort((a, b) => a - b);
        assert.deepEqual(numbers, Array.from({ length: size }, (_, i) => i + 1), JSON.stringify(list));
        assert.match(text, /^(\((\d+( \d+)*( \(.*\)\(.*\))?|\(.*\)\(.*\))\))*$/);
        assert.equal(text.split("(").length, text.split(")").length);
      }
    }
  });
}

async function written(forest: Forest): Promise<string> {
  const out = new Encoder();
  await writeForest(out, forest, (message) => message + 1, () => Promise.resolve());
  return new TextDecoder().decode(out.take());
}

Deno.test("a chain of 100,000 messages is a thread of that depth, in either order (RFC 5256 §3)", async () => {
  const count = 100_000;
  const list = Array.from({ length: count }, (_, n) => ({ id: n, refs: n > 0 ? [n - 1] : [] }));
  const all = Array.from({ length: count }, (_, n) => n + 1).join(" ");
  assert.equal(await written(await references(messages(list), new Pace())), `(${all})`);
  const backwards = Array.from({ length: count }, (_, n) => count - n).join(" ");
  assert.equal(await written(await refs(messages(list.toReversed()), new Pace())), `(${backwards})`);
});

Deno.test("a chain of parents that are all missing holds together (RFC 5256 §3 step 3)", async () => {
  const count = 20_000;
  const list = Array.from({ length: count }, (_, n) => ({ id: n + count * 4, refs: [n, n + 1, n + 2] }));
  const siblings = Array.from({ length: count }, (_, n) => `(${n + 1})`).join("");
  assert.equal(await written(await refs(messages(list), new Pace())), `(${siblings})`);
});

Deno.test("a thread that splits at every message is written without recursion (RFC 5256 §4)", async () => {
  const depth = 30_000;
  const list = [];
  for (let n = 0; n < depth; n++) {
    list.push({ id: 2 * n, refs: n > 0 ? [2 * n - 2] : [] });
    list.push({ id: 2 * n + 1, refs: n > 0 ? [2 * n - 2] : [] });
  }
  const text = await written(await refs(messages(list), new Pace()));
  assert.equal((text.match(/\d+/g) ?? []).length, 2 * depth);
});
