/**
 * MD5 (RFC 1321) with a state that can be kept. CRAM-MD5 needs it: the state after the first block of HMAC's inner and outer
 * hash is all that a server must know of a password (RFC 2195 §2), and no platform hash lets its state out.
 */

const BLOCK = 64;

const SHIFTS = [
  [7, 12, 17, 22],
  [5, 9, 14, 20],
  [4, 11, 16, 23],
  [6, 10, 15, 21],
];

const SINES = Int32Array.from({ length: 64 }, (_, i) => Math.floor(Math.abs(Math.sin(i + 1)) * 2 ** 32) | 0);

/** The state before any input: 16 bytes. */
export function md5Start(): Uint8Array {
  return stateBytes(Int32Array.of(0x67452301, 0xefcdab89 | 0, 0x98badcfe | 0, 0x10325476));
}

/** The state after one block of 64 bytes. */
export function md5Block(state: Uint8Array, block: Uint8Array): Uint8Array {
  const words = stateWords(state);
  compress(words, block, 0);
  return stateBytes(words);
}

/** The digest, 16 bytes, of `hashed` bytes (whole blocks, already in `state`) followed by `rest`. */
export function md5Finish(state: Uint8Array, hashed: number, rest: Uint8Array): Uint8Array {
  const padded = new Uint8Array(Math.ceil((rest.length + 9) / BLOCK) * BLOCK);
  padded.set(rest);
  padded[rest.length] = 0x80;
  const bits = BigInt(hashed + rest.length) * 8n;
  new DataView(padded.buffer).setBigUint64(padded.length - 8, bits, true);
  const words = stateWords(state);
  for (let at = 0; at < padded.length; at += BLOCK) compress(words, padded, at);
  return stateBytes(words);
}

/** The digest of a whole message. */
export function md5(message: Uint8Array): Uint8Array {
  return md5Finish(md5Start(), 0, message);
}

function stateWords(state: Uint8Array): Int32Array {
  const view = new DataView(state.buffer, state.byteOffset, 16);
  return Int32Array.from({ length: 4 }, (_, i) => view.getInt32(4 * i, true));
}

function stateBytes(words: Int32Array): Uint8Array {
  const bytes = new Uint8Array(16);
  const view = new DataView(bytes.buffer);
  words.forEach((word, i) => view.setInt32(4 * i, word, true));
  return bytes;
}

function compress(state: Int32Array, bytes: Uint8Array, at: number): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, BLOCK);
  let [a, b, c, d] = state;
  for (let i = 0; i < 64; i++) {
    const round = i >> 4;
    let mixed: number;
    let word: number;
    if (round === 0) [mixed, word] = [(b & c) | (~b & d), i];
    else if (round === 1) [mixed, word] = [(d & b) | (~d & c), (5 * i + 1) & 15];
    else if (round === 2) [mixed, word] = [b ^ c ^ d, (3 * i + 5) & 15];
    else [mixed, word] = [c ^ (b | ~d), (7 * i) & 15];
    const sum = (a + mixed + SINES[i] + view.getInt32(4 * word, true)) | 0;
    const shift = SHIFTS[round][i & 3];
    [a, d, c, b] = [d, c, b, (b + ((sum << shift) | (sum >>> (32 - shift)))) | 0];
  }
  state[0] += a;
  state[1] += b;
  state[2] += c;
  state[3] += d;
}
