/** Random access to bytes, in memory or in a file; reads are synchronous, for the parser's sake. */
export interface ByteSource {
  readonly size: number;
  /** Bytes [start, end), fewer only at the end of the source. A view into memory where it can be: do not change it. */
  read(start: number, end: number): Uint8Array;
  /** As `read` of as many bytes as `into` has, where that makes a copy anyway. @returns what was read, in `into` */
  readInto?(start: number, into: Uint8Array): Uint8Array;
}

/** Bytes that are already in memory. */
export function memorySource(bytes: Uint8Array): ByteSource {
  return { size: bytes.length, read: (start, end) => bytes.subarray(start, end) };
}
