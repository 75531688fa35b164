/**
 * The header by which a proxy tells whom a connection comes from: the PROXY protocol (haproxy's proxy-protocol.txt), version 1 (a line of
 * text, §2.1) and version 2 (binary, §2.2).
 *
 * Invariants: not one byte behind the header is taken; nothing is allocated for a length that is not allowed.
 */
import { isIP } from "node:net";
import ipaddr from "ipaddr.js";
import type { Endpoint } from "./duplex.ts";
import { ConnectionEnd } from "./faults.ts";

/** The shortest header of version 1, `PROXY UNKNOWN` with its CRLF; one of version 2 has a byte more. */
const SHORTEST = 15;
/** The longest line of version 1, with its CRLF. */
const LONGEST_LINE = 107;
const V1_START = "PROXY ";
/** "\r\n\r\n\0\r\nQUIT\n" */
const V2_SIGNATURE = [0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a];
const V2_VERSION = 2;
const V2_LOCAL = 0;
const V2_PROXY = 1;
/** What follows the first 16 bytes of version 2: addresses and TLVs, which are skipped. */
const LONGEST_V2 = 4096;
/** Lengths of addresses with ports, by what version 2 calls TCP over IPv4 and over IPv6. */
const V2_TCP4 = 0x11;
const V2_TCP6 = 0x21;
const LF = 10;

/**
 * Reads the header.
 * @returns the client's address; undefined where the proxy speaks for itself (LOCAL) or cannot tell (UNKNOWN, another family)
 * @throws {ConnectionEnd} there is none, or it is malformed; also what the endpoint throws
 */
export async function proxiedAddress(endpoint: Endpoint): Promise<string | undefined> {
  const start = await exactly(endpoint, SHORTEST);
  if (V2_SIGNATURE.every((byte, at) => start[at] === byte)) return await binaryHeader(endpoint, start);
  if (latin1(start.subarray(0, V1_START.length)) === V1_START) return await textHeader(endpoint, start);
  throw malformed("there is none");
}

async function textHeader(endpoint: Endpoint, start: Uint8Array): Promise<string | undefined> {
  const line = new Uint8Array(LONGEST_LINE);
  line.set(start);
  let length = start.length;
  while (line[length - 1] !== LF) {
    if (length === LONGEST_LINE) throw malformed("the line is too long");
    line[length++] = (await exactly(endpoint, 1))[0];
  }
  const text = latin1(line.subarray(0, length));
  if (text.indexOf("\n") !== length - 1 || !text.endsWith("\r\n")) throw malformed("the line has no CRLF");
  const [, protocol, source, destination, ...ports] = text.slice(0, -2).split(" ");
  if (protocol === "UNKNOWN") return undefined;
  const family = protocol === "TCP4" ? 4 : protocol === "TCP6" ? 6 : 0;
  const known = family !== 0 && isIP(source) === family && isIP(destination) === family;
  if (!known || ports.length !== 2 || !ports.every(isPort)) throw malformed("no addresses of its protocol");
  return normal(ipaddr.parse(source));
}

async function binaryHeader(endpoint: Endpoint, start: Uint8Array): Promise<string | undefined> {
  const [last] = await exactly(endpoint, 1);
  const [version, command] = [start[12] >> 4, start[12] & 0xf];
  const family = start[13];
  const length = start[14] << 8 | last;
  if (version !== V2_VERSION || (command !== V2_LOCAL && command !== V2_PROXY)) throw malformed("unknown version");
  if (length > LONGEST_V2) throw malformed("too long");
  const rest = await exactly(endpoint, length);
  if (command === V2_LOCAL || (family !== V2_TCP4 && family !== V2_TCP6)) return undefined;
  const size = family === V2_TCP4 ? 4 : 16;
  if (length < 2 * size + 4) throw malformed("the addresses are cut off");
  return normal(ipaddr.fromByteArray([...rest.subarray(0, size)]));
}

/** As our own sockets tell addresses: short, and IPv4 also where it came as IPv6. */
function normal(address: ipaddr.IPv4 | ipaddr.IPv6): string {
  return ipaddr.process(address.toString()).toString();
}

function isPort(text: string): boolean {
  return /^\d{1,5}$/.test(text) && Number(text) <= 65535;
}

async function exactly(endpoint: Endpoint, size: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(size);
  for (let done = 0; done < size;) {
    const count = await endpoint.read(bytes.subarray(done));
    if (!count) throw malformed("it ended too early");
    done += count;
  }
  return bytes;
}

function latin1(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}

function malformed(what: string): ConnectionEnd {
  return new ConnectionEnd(`PROXY header: ${what}`);
}
