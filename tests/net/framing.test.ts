import { strict as assert } from "node:assert";
import { ConnectionEnd, FrameReader, LineTooLong, ReadTimeout } from "../../server/net/framing.ts";
import { bytes, feed, joined, noise, PATIENCE, pieces, text } from "./support.ts";

const line = async (reader: FrameReader, limit = 1000) => text(await reader.line(limit, PATIENCE));

Deno.test("a line ends with CRLF, which is not part of it (RFC 9051 §2.2)", async () => {
  const reader = new FrameReader(feed("a1 NOOP\r\nrest").readable);
  assert.equal(await line(reader), "a1 NOOP");
  assert.equal(reader.buffered, 4);
  await reader.cancel();
});

Deno.test("a bare LF ends a line too, and an empty line is a line", async () => {
  const reader = new FrameReader(feed("a NOOP\n\r\n\nb\r\n").readable);
  assert.equal(await line(reader), "a NOOP");
  assert.equal(await line(reader), "");
  assert.equal(await line(reader), "");
  assert.equal(await line(reader), "b");
  assert.equal(reader.buffered, 0);
  await reader.cancel();
});

Deno.test("a CR inside a line stays", async () => {
  const reader = new FrameReader(feed("a\rb\r\r\n").readable);
  assert.equal(await line(reader), "a\rb\r");
  await reader.cancel();
});

Deno.test("pipelined lines of one chunk are views of it, and stay valid", async () => {
  const chunk = bytes("a NOOP\r\nb NOOP\r\n");
  const source = feed(chunk);
  const reader = new FrameReader(source.readable);
  const first = await reader.line(100, PATIENCE);
  source.send("c NOOP\r\n");
  const second = await reader.line(100, PATIENCE);
  await reader.line(100, PATIENCE);
  assert.equal(first.buffer, chunk.buffer);
  assert.equal(second.buffer, chunk.buffer);
  assert.equal(text(first), "a NOOP");
  await reader.cancel();
});

for (const size of [1, 2, 3, 7, 100]) {
  Deno.test(`lines and literals come out the same in chunks of ${size}`, async () => {
    const source = feed(...pieces(bytes("a APPEND x {5+}\r\nhe\r\no\r\nb NOOP\nc\r\n"), size));
    const reader = new FrameReader(source.readable);
    assert.equal(await line(reader), "a APPEND x {5+}");
    assert.equal(text(await reader.exactly(5, PATIENCE)), "he\r\no");
    assert.equal(await line(reader), "");
    assert.equal(await line(reader), "b NOOP");
    assert.equal(await line(reader), "c");
    await reader.cancel();
  });
}

Deno.test("a CR and its LF may come in two chunks", async () => {
  const reader = new FrameReader(feed("abc\r", "\nd\r\n").readable);
  assert.equal(await line(reader, 3), "abc");
  assert.equal(await line(reader), "d");
  await reader.cancel();
});

for (const size of [1, 4, 1000]) {
  Deno.test(`the limit counts bytes without the line's end, in chunks of ${size}`, async () => {
    for (const end of ["\r\n", "\n"]) {
      const source = feed(...pieces(bytes(`12345${end}123456${end}next${end}`), size));
      const reader = new FrameReader(source.readable);
      assert.equal(await line(reader, 5), "12345");
      await assert.rejects(line(reader, 5), LineTooLong);
      assert.equal(await line(reader, 5), "next");
      await reader.cancel();
    }
  });

  Deno.test(`an overlong line is skipped; its head and tail are told, in chunks of ${size}`, async () => {
    const long = `a7 LOGIN ${"x".repeat(5000)} ${"y".repeat(100)}{12+}`;
    const reader = new FrameReader(feed(...pieces(bytes(`${long}\r\nb NOOP\r\n`), size)).readable);
    await assert.rejects(line(reader, 64), (error) => {
      assert(error instanceof LineTooLong);
      assert.equal(text(error.head), long.slice(0, 64));
      assert.equal(text(error.tail), long.slice(-64));
      return true;
    });
    assert.equal(await line(reader), "b NOOP");
    await reader.cancel();
  });
}

Deno.test("a line of exactly the limit passes when its CR and LF come late", async () => {
  const reader = new FrameReader(feed("12345", "\r", "\nx\n").readable);
  assert.equal(await line(reader, 5), "12345");
  assert.equal(await line(reader), "x");
  await reader.cancel();
});

Deno.test("a line without end is given up after 1 MiB", async () => {
  const source = feed();
  const reader = new FrameReader(source.readable);
  const waiting = reader.line(8192, PATIENCE);
  for (let sent = 0; sent <= 1024 * 1024; sent += 4096) source.send(new Uint8Array(4096).fill(65));
  await assert.rejects(waiting, ConnectionEnd);
  await reader.cancel();
});

Deno.test("a long line in many small chunks takes time in proportion", async () => {
  const source = feed();
  const reader = new FrameReader(source.readable);
  const waiting = reader.line(300_000, PATIENCE);
  for (let sent = 0; sent < 300_000; sent += 3) source.send("xxx");
  source.send("\r\n");
  assert.equal((await waiting).length, 300_000);
  await reader.cancel();
});

Deno.test("a literal is exact over any number of chunks", async () => {
  const whole = noise(200_000);
  const reader = new FrameReader(feed(...pieces(whole, 1777), "tail\r\n").readable);
  assert.deepEqual(await reader.exactly(200_000, PATIENCE), whole);
  assert.equal(await line(reader), "tail");
  assert.deepEqual(await reader.exactly(0, PATIENCE), new Uint8Array(0));
  await reader.cancel();
});

Deno.test("a claimed literal allocates nothing before its bytes come", async () => {
  const readers = Array.from({ length: 100 }, () => new FrameReader(feed("x").readable));
  const before = Deno.memoryUsage().external;
  const waiting = readers.map((reader) => reader.exactly(100 * 1024 * 1024, PATIENCE).catch((error) => error));
  await Promise.resolve();
  assert(Deno.memoryUsage().external - before < 10 * 1024 * 1024);
  for (const reader of readers) await reader.cancel();
  for (const end of await Promise.all(waiting)) assert(end instanceof ConnectionEnd);
});

Deno.test("pipe hands on the chunks as they came and stops where the literal ends", async () => {
  const whole = noise(100_000);
  const reader = new FrameReader(feed(...pieces(joined([bytes("l\r\n"), whole, bytes("next\r\n")]), 40_000)).readable);
  await line(reader);
  const got: Uint8Array[] = [];
  await reader.pipe(100_000, PATIENCE, (chunk) => void got.push(chunk));
  assert.deepEqual(got.map(({ length }) => length), [39_997, 40_000, 20_003]);
  assert.deepEqual(joined(got), whole);
  assert.equal(await line(reader), "next");
  await reader.cancel();
});

Deno.test("pipe waits for its sink before it reads on", async () => {
  const source = feed("ab");
  const reader = new FrameReader(source.readable);
  const seen: string[] = [];
  const gate = Promise.withResolvers<void>();
  const piped = reader.pipe(4, PATIENCE, async (chunk) => {
    seen.push(text(chunk));
    await gate.promise;
  });
  source.send("cd");
  await new Promise((resolve) => setTimeout(resolve));
  assert.deepEqual(seen, ["ab"]);
  gate.resolve();
  await piped;
  assert.deepEqual(seen, ["ab", "cd"]);
  await reader.cancel();
});

Deno.test("when the sink fails the rest of the literal is skipped and framing stays", async () => {
  const reader = new FrameReader(feed("1234", "56789", "0b NOOP\r\n").readable);
  await assert.rejects(
    reader.pipe(10, PATIENCE, () => {
      throw new RangeError("disk full");
    }),
    RangeError,
  );
  assert.equal(await line(reader), "b NOOP");
  await reader.cancel();
});

Deno.test("skip forgets the bytes", async () => {
  const reader = new FrameReader(feed("123", "456", "789x\r\n").readable);
  await reader.skip(9, PATIENCE);
  assert.equal(await line(reader), "x");
  await reader.cancel();
});

Deno.test("a silent client is a ReadTimeout, and the reader goes on after it with nothing lost", async () => {
  const source = feed("par");
  const reader = new FrameReader(source.readable);
  await assert.rejects(reader.line(100, 1), ReadTimeout);
  await assert.rejects(reader.exactly(10, 1), ReadTimeout);
  await assert.rejects(reader.line(100, 1), ReadTimeout);
  source.send("tial\r\n");
  assert.equal(await line(reader), "partial");
  await reader.cancel();
});

Deno.test("a client that trickles does not stretch the time for a line", async () => {
  const source = feed();
  const reader = new FrameReader(source.readable);
  const trickle = setInterval(() => source.send("x"), 1);
  await assert.rejects(reader.line(100_000, 30), ReadTimeout);
  clearInterval(trickle);
  await reader.cancel();
});

Deno.test("a shorter timeout after a longer one holds", async () => {
  const source = feed("a\r\n");
  const reader = new FrameReader(source.readable);
  const waiting = reader.line(10, PATIENCE);
  await waiting;
  await assert.rejects(reader.line(10, 1), ReadTimeout);
  await assert.rejects(reader.skip(10, 1), ReadTimeout);
  await reader.cancel();
});

Deno.test("the end of the stream is ConnectionEnd, mid-line and mid-literal too, and stays so", async () => {
  for (const read of ["line", "exactly", "skip", "pipe"] as const) {
    const source = feed("half");
    source.end();
    const reader = new FrameReader(source.readable);
    const start = {
      line: () => reader.line(100, PATIENCE),
      exactly: () => reader.exactly(100, PATIENCE),
      skip: () => reader.skip(100, PATIENCE),
      pipe: () => reader.pipe(100, PATIENCE, () => {}),
    }[read];
    await assert.rejects(start(), ConnectionEnd);
    await assert.rejects(start(), ConnectionEnd);
    await reader.cancel();
  }
});

Deno.test("a fault of the stream is ConnectionEnd with its cause", async () => {
  const source = feed();
  const reader = new FrameReader(source.readable);
  const reset = new Deno.errors.ConnectionReset("reset");
  const waiting = reader.line(10, PATIENCE);
  source.fail(reset);
  await assert.rejects(waiting, (error) => error instanceof ConnectionEnd && error.cause === reset);
  await reader.cancel();
});

Deno.test("a stream that fails while nobody reads is told at the next read, not as an unhandled rejection", async () => {
  const source = feed();
  const reader = new FrameReader(source.readable);
  await assert.rejects(reader.line(10, 1), ReadTimeout);
  source.fail(new Deno.errors.ConnectionReset("reset"));
  await new Promise((resolve) => setTimeout(resolve));
  await assert.rejects(reader.line(10, PATIENCE), ConnectionEnd);
});

Deno.test("cancel wakes who waits and stops the stream", async () => {
  const source = feed();
  const reader = new FrameReader(source.readable);
  const waiting = reader.line(10, PATIENCE);
  const ended = assert.rejects(waiting, ConnectionEnd);
  await reader.cancel();
  await ended;
  assert(source.cancelled);
  await reader.cancel();
});

Deno.test("a layer gets the buffered bytes and all that follow", async () => {
  const source = feed("clear\r\nABC");
  const reader = new FrameReader(source.readable);
  assert.equal(await line(reader), "clear");
  reader.wrap((below) => ({
    async read() {
      const chunk = await below.read();
      return chunk && bytes(text(chunk).toLowerCase());
    },
    cancel: (reason) => below.cancel(reason),
  }));
  source.send("DEF\r\nXYZ\r\n");
  assert.equal(await line(reader), "abcdef");
  assert.equal(await line(reader), "xyz");
  await reader.cancel();
  assert(source.cancelled);
});

Deno.test("a read that timed out before a layer came is not lost to it", async () => {
  const source = feed();
  const reader = new FrameReader(source.readable);
  await assert.rejects(reader.line(10, 1), ReadTimeout);
  reader.wrap((readable) => readable);
  source.send("x\r\n");
  assert.equal(await line(reader), "x");
  source.fail(new Error("gone"));
  await assert.rejects(line(reader), ConnectionEnd);
  await reader.cancel();
});

Deno.test("an empty chunk is not the end", async () => {
  const reader = new FrameReader(feed(new Uint8Array(0), "a\r\n").readable);
  assert.equal(await line(reader), "a");
  await reader.cancel();
});

Deno.test("skipping has a deadline for all of it, which no byte moves", async () => {
  const source = feed("x");
  const reader = new FrameReader(source.readable);
  const timer = setInterval(() => source.send("x"), 5);
  try {
    await assert.rejects(reader.skip(1_000_000, PATIENCE, performance.now() + 50), ReadTimeout);
  } finally {
    clearInterval(timer);
  }
  await reader.cancel();
});
