import { strict as assert } from "node:assert";
import type { Endpoint } from "../../server/net/duplex.ts";
import { ConnectionEnd } from "../../server/net/framing.ts";
import { proxiedAddress } from "../../server/net/proxyprotocol.ts";
import { bytes, joined, text } from "./support.ts";

/** An endpoint that gives these bytes, at most `step` at a time, and then its end. */
class Given implements Endpoint {
  asked = 0;
  constructor(public rest: Uint8Array, readonly step = Infinity) {}

  async read(into: Uint8Array): Promise<number | null> {
    this.asked = Math.max(this.asked, into.length);
    const count = Math.min(into.length, this.step, this.rest.length);
    into.set(this.rest.subarray(0, count));
    this.rest = this.rest.subarray(count);
    return count === 0 ? null : count;
  }

  write(): Promise<number> {
    throw new Error("nothing is written to a proxy");
  }

  close(): void {}
}

const SIGNATURE = [0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a];

/** A header of version 2. @param head version and command, family and transport */
function v2(head: readonly [number, number], rest: readonly number[], length = rest.length): Uint8Array {
  return Uint8Array.from([...SIGNATURE, ...head, length >> 8, length & 0xff, ...rest]);
}

const PORTS = [0xd9, 0x03, 0x03, 0xe1];
const IPV4 = [192, 0, 2, 7, 10, 0, 0, 1, ...PORTS];
const IPV6 = [...new Array(2).fill([0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]).flat(), ...PORTS];
const MAPPED = [...new Array(2).fill([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 192, 0, 2, 7]).flat(), ...PORTS];

const GOOD: readonly (readonly [string, Uint8Array, string | undefined])[] = [
  ["TCP4 (§2.1)", bytes("PROXY TCP4 192.0.2.7 10.0.0.1 56324 993\r\n"), "192.0.2.7"],
  ["TCP6 (§2.1)", bytes("PROXY TCP6 2001:db8:0:0::1 ::1 56324 993\r\n"), "2001:db8::1"],
  ["TCP6 that is IPv4", bytes("PROXY TCP6 ::ffff:192.0.2.7 ::1 56324 993\r\n"), "192.0.2.7"],
  ["UNKNOWN alone (§2.1)", bytes("PROXY UNKNOWN\r\n"), undefined],
  ["UNKNOWN with more, of 107 bytes (§2.1)", bytes(`PROXY UNKNOWN ${"f".repeat(91)}\r\n`), undefined],
  ["v2 TCP over IPv4 (§2.2)", v2([0x21, 0x11], IPV4), "192.0.2.7"],
  ["v2 TCP over IPv6 (§2.2)", v2([0x21, 0x21], IPV6), "2001:db8::1"],
  ["v2 IPv6 that is IPv4", v2([0x21, 0x21], MAPPED), "192.0.2.7"],
  ["v2 with TLVs, which are skipped (§2.2)", v2([0x21, 0x11], [...IPV4, ...new Array(4000).fill(4)]), "192.0.2.7"],
  ["v2 LOCAL (§2.2)", v2([0x20, 0x00], []), undefined],
  ["v2 LOCAL with addresses, which do not count (§2.2)", v2([0x20, 0x11], IPV4), undefined],
  ["v2 UNSPEC (§2.2)", v2([0x21, 0x00], [1, 2, 3]), undefined],
  ["v2 of a Unix socket", v2([0x21, 0x31], new Array(216).fill(0)), undefined],
  ["v2 UDP", v2([0x21, 0x12], IPV4), undefined],
];

for (const [name, header, address] of GOOD) {
  Deno.test(`PROXY header: ${name}; what follows is left alone`, async () => {
    for (const step of [Infinity, 1, 3]) {
      const endpoint = new Given(joined([header, bytes("a NOOP\r\n")]), step);
      assert.equal(await proxiedAddress(endpoint), address);
      assert.equal(text(endpoint.rest), "a NOOP\r\n");
    }
  });
}

const BAD: readonly (readonly [string, Uint8Array])[] = [
  ["none, an IMAP command", bytes("a LOGIN joe secret\r\n")],
  ["none, a TLS handshake", Uint8Array.from([0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3, ...new Array(100).fill(7)])],
  ["in lower case", bytes("proxy tcp4 192.0.2.7 10.0.0.1 56324 993\r\n")],
  ["without an end", bytes(`PROXY TCP4 192.0.2.7 10.0.0.1 56324 993${" ".repeat(200)}`)],
  ["of 108 bytes", bytes(`PROXY UNKNOWN ${"f".repeat(92)}\r\n`)],
  ["a line with LF alone", bytes("PROXY TCP4 192.0.2.7 10.0.0.1 56324 993\n")],
  ["two lines in the first bytes", bytes("PROXY A\nB\r\nxxxxxxxxxx\r\n")],
  ["no address", bytes("PROXY TCP4 joe 10.0.0.1 56324 993\r\n")],
  ["an address of the other family", bytes("PROXY TCP4 2001:db8::1 ::1 56324 993\r\n")],
  ["an octal address", bytes("PROXY TCP4 0192.0.2.7 10.0.0.1 56324 993\r\n")],
  ["a port too many", bytes("PROXY TCP4 192.0.2.7 10.0.0.1 1 2 3\r\n")],
  ["a port too few", bytes("PROXY TCP4 192.0.2.7 10.0.0.1 56324\r\n")],
  ["a port above 65535", bytes("PROXY TCP4 192.0.2.7 10.0.0.1 65536 993\r\n")],
  ["a port that is no number", bytes("PROXY TCP4 192.0.2.7 10.0.0.1 +1 993\r\n")],
  ["an unknown protocol", bytes("PROXY UDP4 192.0.2.7 10.0.0.1 1 2\r\n")],
  ["v2 cut off", v2([0x21, 0x11], IPV4.slice(0, 8), 12)],
  ["v2 with less than its addresses", v2([0x21, 0x11], IPV4.slice(0, 8))],
  ["v2 of version 1", v2([0x11, 0x11], IPV4)],
  ["v2 with an unknown command", v2([0x22, 0x11], IPV4)],
  ["v2 of 64 KiB", v2([0x21, 0x11], [...IPV4, ...new Array(0xffff - IPV4.length).fill(0)])],
  ["nothing at all", new Uint8Array(0)],
];

for (const [name, header] of BAD) {
  Deno.test(`PROXY header: refused: ${name}`, async () => {
    const endpoint = new Given(header);
    await assert.rejects(proxiedAddress(endpoint), ConnectionEnd);
    assert(endpoint.asked <= 4096, "no more is allocated than a header may have");
  });
}

Deno.test("PROXY header: any cut of a good one is refused", async () => {
  for (const [, header] of GOOD) {
    for (let size = 0; size < Math.min(header.length, 60); size++) {
      await assert.rejects(proxiedAddress(new Given(header.subarray(0, size))), ConnectionEnd);
    }
  }
});
