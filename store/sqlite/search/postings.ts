/** Which documents of a segment have what: pairs of a number and a document, collected, sorted, and packed by number. */

/** Documents are numbered below this. */
export const MAX_DOCUMENTS = 1024;
/** Numbers are below this. */
export const NUMBERS = 1 << 22;
const DOCUMENT_BITS = 10;
const RADIX_BITS = 11;
const RADIX = 1 << RADIX_BITS;
const BITMAP_BYTES = MAX_DOCUMENTS / 8;

export class Pairs {
  #pairs = new Uint32Array(1 << 12);
  count = 0;

  push(number: number, document: number): void {
    if (this.count === this.#pairs.length) this.#grow();
    this.#pairs[this.count++] = number << DOCUMENT_BITS | document;
  }

  /** The number of the pair at a place, before they are sorted. */
  numberAt(place: number): number {
    return this.#pairs[place] >>> DOCUMENT_BITS;
  }

  /** By number, each with its documents, which may stand more than once; both ascend. Forgets them. */
  *take(): Iterable<readonly [number: number, documents: Uint16Array]> {
    const pairs = this.#sorted();
    for (let at = 0; at < pairs.length;) {
      const number = pairs[at] >>> DOCUMENT_BITS;
      let end = at + 1;
      while (end < pairs.length && pairs[end] >>> DOCUMENT_BITS === number) end++;
      const documents = new Uint16Array(end - at);
      for (let i = 0; at < end; i++, at++) documents[i] = pairs[at] & (MAX_DOCUMENTS - 1);
      yield [number, documents];
    }
  }

  #sorted(): Uint32Array {
    let from = this.#pairs.subarray(0, this.count);
    let to = new Uint32Array(this.count);
    for (let shift = 0; shift < 32; shift += RADIX_BITS) {
      const starts = new Uint32Array(RADIX);
      for (let i = 0; i < from.length; i++) starts[from[i] >>> shift & (RADIX - 1)]++;
      let sum = 0;
      for (let i = 0; i < RADIX; i++) {
        const here = starts[i];
        starts[i] = sum;
        sum += here;
      }
      for (let i = 0; i < from.length; i++) to[starts[from[i] >>> shift & (RADIX - 1)]++] = from[i];
      [from, to] = [to, from];
    }
    this.#pairs = new Uint32Array(0);
    this.count = 0;
    return from;
  }

  #grow(): void {
    const pairs = new Uint32Array(Math.max(1 << 12, this.#pairs.length * 2));
    pairs.set(this.#pairs.subarray(0, this.count));
    this.#pairs = pairs;
  }
}

const buffer = new Uint8Array(2 * MAX_DOCUMENTS);

/** As `addDocuments` reads them. @param documents ascending; what stands more than once counts once */
export function packDocuments(documents: Uint16Array): Uint8Array {
  let length = 0;
  let before = -1;
  for (const document of documents) {
    if (document === before) continue;
    const gap = document - before - 1;
    before = document;
    if (gap < 0x80) buffer[length++] = gap;
    else {
      buffer[length++] = gap & 0x7f | 0x80;
      buffer[length++] = gap >>> 7;
    }
  }
  if (length < BITMAP_BYTES) return buffer.slice(0, length);
  const bitmap = new Uint8Array(BITMAP_BYTES);
  for (const document of documents) bitmap[document >>> 3] |= 1 << (document & 7);
  return bitmap;
}

/** Sets the bits of documents. @param bytes gaps of 7 bits a byte, the last one with the high bit clear; or, of full length, a bitmap */
export function addDocuments(bytes: Uint8Array, into: Uint32Array): void {
  if (bytes.length === BITMAP_BYTES) {
    for (let i = 0; i < BITMAP_BYTES; i++) into[i >>> 2] |= bytes[i] << ((i & 3) * 8);
    return;
  }
  let document = -1;
  for (let at = 0; at < bytes.length; at++) {
    let gap = bytes[at];
    if (gap >= 0x80 && at + 1 < bytes.length) gap = gap & 0x7f | bytes[++at] << 7;
    document += gap + 1;
    if (document < MAX_DOCUMENTS) into[document >>> 5] |= 1 << (document & 31);
  }
}
