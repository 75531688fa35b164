import assert from "node:assert/strict";
import { type ClientHello, ClientHelloReader, MAX_BYTES } from "../../../server/net/tls/clienthello.ts";
import { TlsClient } from "./client.ts";
import { endpoints } from "./support.ts";

/** What a real client says first. */
function hello(options: ConstructorParameters<typeof TlsClient>[1] = {}): Uint8Array<ArrayBuffer> {
  const client = new TlsClient(endpoints()[0], options);
  const first = client.hello();
  client.free();
  return first;
}

const REAL = hello({ serverName: "Mail.Example.org", alpn: ["imap", "http/1.1"] });

function read(bytes: Uint8Array, size = bytes.length): ClientHello | "unreadable" | undefined {
  const reader = new ClientHelloReader();
  for (let at = 0; at < bytes.length; at += size) {
    const result = reader.add(bytes.subarray(at, at + size));
    if (result) return result;
  }
  return undefined;
}

/** The same message in records of `size` bytes. */
function fragmented(record: Uint8Array, size: number): Uint8Array<ArrayBuffer> {
  const parts: number[] = [];
  const message = record.subarray(5);
  for (let at = 0; at < message.length; at += size) {
    const part = message.subarray(at, at + size);
    parts.push(22, 3, 1, part.length >> 8, part.length & 255, ...part);
  }
  return new Uint8Array(parts);
}

const EXPECTED = { serverName: "mail.example.org", alpn: ["imap", "http/1.1"] };

Deno.test("the server name and the protocols of a ClientHello (RFC 6066 §3, RFC 7301 §3.1)", () => {
  assert.deepEqual(read(REAL), EXPECTED);
  assert.deepEqual(read(hello()), { serverName: undefined, alpn: [] });
});

Deno.test("a ClientHello comes in pieces of any size", () => {
  for (const size of [1, 2, 3, 5, 7, 64, 500]) assert.deepEqual(read(REAL, size), EXPECTED, `${size}`);
});

Deno.test("a ClientHello is fragmented over records (RFC 8446 §5.1)", () => {
  for (const size of [1, 2, 4, 5, 100]) {
    assert.deepEqual(read(fragmented(REAL, size)), EXPECTED, `${size}`);
    assert.deepEqual(read(fragmented(REAL, size), 3), EXPECTED, `${size}`);
  }
});

Deno.test("each beginning of a ClientHello needs more", () => {
  for (let size = 0; size < REAL.length; size++) assert.equal(read(REAL.subarray(0, size)), undefined, `${size}`);
});

Deno.test("what is no ClientHello is not read", () => {
  const text = (some: string) => new TextEncoder().encode(some);
  assert.equal(read(text("GET / HTTP/1.1\r\n\r\n")), "unreadable");
  assert.equal(read(text("a1 LOGIN x y\r\n")), "unreadable");
  assert.equal(read(new Uint8Array([22, 3, 1, 0, 0])), "unreadable", "an empty record (RFC 8446 §5.1)");
  assert.equal(read(new Uint8Array([22, 3, 1, 0x40, 1])), "unreadable", "a record over 16 KiB");
  assert.equal(read(new Uint8Array([22, 3, 1, 0, 4, 2, 0, 0, 0])), "unreadable", "a ServerHello");
  assert.equal(read(new Uint8Array([22, 3, 1, 0, 4, 1, 255, 255, 255])), "unreadable", "16 MB announced");
});

Deno.test("what is kept of a ClientHello is bounded, and reading it is linear", () => {
  const reader = new ClientHelloReader();
  let count = 0;
  // A long message in records of one byte, one byte at a time.
  const header = fragmented(new Uint8Array([0, 0, 0, 0, 0, 1, 0, 0x7f, 0]), 1);
  const start = performance.now();
  for (const byte of header) assert.equal(reader.add(new Uint8Array([byte])), undefined, `${++count}`);
  let result;
  while (!(result = reader.add(new Uint8Array([22, 3, 1, 0, 1, 0])))) {
    assert.ok(reader.bytes.length <= MAX_BYTES);
  }
  assert.equal(result, "unreadable");
  assert.ok(performance.now() - start < 2000);
});

Deno.test("a name that is none, or could do harm in a log, is no name", () => {
  for (const name of ["a b", "a\nb", "ä.example", "x".repeat(254), "a\u0000b", "[::1]"]) {
    const bad = new TextEncoder().encode(name);
    const data = [0, 0, 0, bad.length + 5, 0, bad.length + 3, 0, 0, bad.length, ...bad];
    const body = [3, 3, ...new Array(32).fill(7), 0, 0, 2, 0x13, 1, 1, 0, 0, data.length, ...data];
    const message = new Uint8Array([22, 3, 1, 0, 0, 1, 0, 0, 0, ...body]);
    message[3] = (body.length + 4) >> 8;
    message[4] = (body.length + 4) & 255;
    message[7] = body.length >> 8;
    message[8] = body.length & 255;
    assert.deepEqual(read(message), { serverName: undefined, alpn: [] }, name);
  }
});

Deno.test("a ClientHello with any byte changed is read or not, and never throws", () => {
  for (let at = 0; at < REAL.length; at++) {
    for (const value of [0, 1, 127, 255]) {
      const changed = REAL.slice();
      changed[at] = value;
      read(changed);
    }
  }
});
