import assert from "node:assert/strict";
import { bytesOf, shown, textOf, utf8 } from "../../scripts/fuzz/bytes.ts";
import { COMMANDS } from "../../scripts/fuzz/commands.ts";
import { Grammar } from "../../scripts/fuzz/grammar.ts";
import { Mails } from "../../scripts/fuzz/mails.ts";
import { mutate, noise, pieces } from "../../scripts/fuzz/mutate.ts";
import { COMMANDS as TABLE, findCommand } from "../../server/imap/commands/table.ts";
import { Decoder } from "../../server/imap/wire/decoder.ts";
import { Random } from "../model/random.ts";

Deno.test("there is a generator for every command of the server", () => {
  assert.deepEqual(Object.keys(COMMANDS).sort(), TABLE.map(({ name }) => name).sort());
});

Deno.test("every command that a generator makes is known to the server, and both UID forms are made", () => {
  const grammar = new Grammar(new Random(1));
  for (const [name] of Object.entries(COMMANDS)) {
    const labels = new Set<string>();
    for (let times = 0; times < 60; times++) {
      const [line] = grammar.command(name).split("\r\n");
      labels.add(findCommand(new Decoder(bytesOf(line), [])).label);
    }
    const expected = TABLE.find((command) => command.name === name)?.uid === "also" ? [name, `UID ${name}`] : [name];
    assert.deepEqual([...labels].sort(), expected.sort());
  }
});

Deno.test("the same seed gives the same input", () => {
  const make = () => {
    const random = new Random(7);
    const grammar = new Grammar(random);
    const texts = Array.from({ length: 50 }, () => shown(mutate(random, bytesOf(grammar.command()), noise(random, 9))));
    return texts.join("\n") + shown(new Mails().next(random));
  };
  assert.equal(make(), make());
});

Deno.test("mutations stay within bounds, and change nearly everything", () => {
  const random = new Random(3);
  const seed = bytesOf("a FETCH 1:* (BODY[HEADER.FIELDS (Subject)])\r\n");
  let changed = 0;
  for (let times = 0; times < 500; times++) {
    const spoilt = mutate(random, seed, seed);
    assert(spoilt.length < 200_000);
    if (textOf(spoilt) !== textOf(seed)) changed++;
  }
  assert(changed > 450);
});

Deno.test("pieces are the same bytes", () => {
  const random = new Random(5);
  for (let times = 0; times < 50; times++) {
    const bytes = noise(random, random.below(3000));
    assert.deepEqual(pieces(random, bytes).flatMap((piece) => [...piece]), [...bytes]);
  }
});

Deno.test("a text of bytes is those bytes", () => {
  const all = Uint8Array.from({ length: 256 }, (_, byte) => byte);
  assert.deepEqual(bytesOf(textOf(all)), all);
  assert.equal(utf8("é"), "\xc3\xa9");
  assert.equal(shown(bytesOf('a\r\n\x00"\xff')), 'a\\r\\n\\x00"\\xff');
});
