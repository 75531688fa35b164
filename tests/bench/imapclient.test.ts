import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { fetchResponses, textOf } from "../../scripts/bench/answers.ts";
import { WrongAnswer } from "../../scripts/bench/check.ts";
import { ImapClient } from "../../scripts/bench/imapclient.ts";
import type { ByteStream } from "../../scripts/bench/stream.ts";

/** A server that says what it is told to, in pieces of so many bytes. */
class Script implements ByteStream {
  readonly received: string[] = [];
  #bytes = Buffer.alloc(0);
  #ended = false;
  #wake = () => {};

  constructor(readonly piece: number, greeting = "OK [CAPABILITY IMAP4rev2 IDLE] ready") {
    this.say(`* ${greeting}\r\n`);
  }

  say(text: string): void {
    this.#bytes = Buffer.concat([this.#bytes, Buffer.from(text, "latin1")]);
    this.#wake();
  }

  async read(into: Uint8Array<ArrayBuffer>): Promise<number | null> {
    while (this.#bytes.length === 0) {
      if (this.#ended) return null;
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
    const count = Math.min(this.piece, into.length, this.#bytes.length);
    into.set(this.#bytes.subarray(0, count));
    this.#bytes = this.#bytes.subarray(count);
    return count;
  }

  async write(bytes: Uint8Array): Promise<void> {
    this.received.push(Buffer.from(bytes).toString("latin1"));
  }

  close(): void {
    this.end();
  }

  end(): void {
    this.#ended = true;
    this.#wake();
  }
}

for (const piece of [1, 7, 100_000]) {
  Deno.test(`answers are counted and kept, ${piece} bytes at a time`, async () => {
    const script = new Script(piece);
    const client = await ImapClient.over(script);
    assert.ok(client.capabilities.has("IDLE"));
    const said =
      "* 3 EXISTS\r\n* 0 RECENT\r\n* 1 FETCH (BODY[] {9}\r\na1 OK\r\n{3 FLAGS ())\r\n* 2 EXPUNGE\r\n* SEARCH 1\r\n";
    script.say(said + "A1 OK [CODE] done\r\n");
    const { kept, ...answer } = await client.ok("X", true);
    assert.deepEqual(answer, {
      status: "OK",
      text: "[CODE] done",
      fetches: 1,
      expunges: 1,
      bytes: answer.bytes,
      literalBytes: 9,
      untagged: ["SEARCH 1"],
    });
    assert.equal(client.exists, 2);
    assert.equal(kept?.toString("latin1").startsWith(said), true);
    assert.deepEqual(script.received, ["A1 X\r\n"]);
    client.close();
  });
}

Deno.test("commands sent together are answered in their order", async () => {
  const script = new Script(5);
  const client = await ImapClient.over(script);
  const both = Promise.all([client.command("NOOP"), client.command("CHECK")]);
  script.say("A1 OK one\r\nA2 NO two\r\n");
  assert.deepEqual((await both).map(({ status }) => status), ["OK", "NO"]);
  client.close();
});

Deno.test("an answer to another command ends the connection", async () => {
  const script = new Script(100);
  const client = await ImapClient.over(script);
  const answer = client.command("NOOP");
  script.say("A2 OK\r\n");
  await assert.rejects(answer, /unexpected line: A2 OK/);
  assert.ok(client.closed);
});

Deno.test("NO is no OK, and BYE no greeting", async () => {
  const script = new Script(100);
  const client = await ImapClient.over(script);
  const answer = client.ok("SELECT x");
  script.say("A1 NO [NONEXISTENT] there is none\r\n");
  await assert.rejects(answer, /SELECT x: NO \[NONEXISTENT\]/);
  client.close();
  await assert.rejects(ImapClient.over(new Script(100, "BYE full")), /greeting was expected: BYE full/);
});

Deno.test("what the server said before it closed is told", async () => {
  const script = new Script(100);
  const client = await ImapClient.over(script);
  const answer = client.command("NOOP");
  script.say("* BYE too many\r\n");
  script.end();
  await assert.rejects(answer, /the server closed the connection: BYE too many/);
});

Deno.test("a hook that finds a wrong answer fails the command", async () => {
  const script = new Script(100);
  const client = await ImapClient.over(script);
  client.onFetch = (number) => {
    throw new WrongAnswer(`FETCH ${number}`);
  };
  const answer = client.command("NOOP");
  script.say("* 7 FETCH (FLAGS ())\r\nA1 OK\r\n");
  await assert.rejects(answer, WrongAnswer);
});

Deno.test("FETCH responses are read with all kinds of values (RFC 9051 §9)", () => {
  const text =
    '* 12 EXISTS\r\n* OK [X] {3}\r\nabc\r\n* 5 FETCH (UID 9 FLAGS (\\Seen $x) ENVELOPE ("a \\"b\\"" NIL ((NIL NIL "u" "h"))) ' +
    "BODY[HEADER.FIELDS (FROM TO)]<0> {4}\r\n)\r\nA)\r\nA1 OK\r\n";
  const [response, ...others] = fetchResponses(Buffer.from(text));
  assert.equal(others.length, 0);
  assert.equal(response.number, 5);
  assert.deepEqual([...response.items.keys()], ["UID", "FLAGS", "ENVELOPE", "BODY[HEADER.FIELDS (FROM TO)]<0>"]);
  assert.deepEqual(response.items.get("FLAGS"), ["\\Seen", "$x"]);
  assert.deepEqual(response.items.get("ENVELOPE"), ['a "b"', null, [[null, null, "u", "h"]]]);
  assert.equal(textOf([...response.items.values()][3]), ")\r\nA");
});

for (
  const broken of [
    "* 1 FETCH (FLAGS (\\Seen)",
    '* 1 FETCH (X "a\r\n',
    "* 1 FETCH (BODY[] {99}\r\nabc)\r\n",
    "* 1 FETCH (UID)\r\n",
  ]
) {
  Deno.test(`a broken response is found: ${JSON.stringify(broken)}`, () => {
    assert.throws(() => [...fetchResponses(Buffer.from(broken))], WrongAnswer);
  });
}
