/** What the store can say of texts without reading them. */

/** Text looked for, folded as `searchHeaders` and `searchText` are. */
export type TextQuery =
  | { readonly in: "body" | "text"; readonly text: Uint8Array }
  /** In a field of that name, in lower case. */
  | { readonly in: "header"; readonly name: string; readonly text: Uint8Array };

/** What is known of texts of messages that were asked for, a bit for each by its place among them, from the lowest of each number on. */
export interface TextsKnown {
  /** They have what is looked for. */
  readonly sure: Uint32Array;
  /** These and no others can have it. */
  readonly maybe: Uint32Array;
}

/** Folded bytes that are looked for in the folded text, and in the header where `headersToo`. */
export interface Needle {
  readonly bytes: Uint8Array;
  readonly headersToo: boolean;
}

/** Longer ones can cost time that grows with their length. */
export const LONGEST_NEEDLE = 64;
export const MOST_NEEDLES = 4;

/** Messages, ascending, and for each a bit for each needle that is in it; -1: its text is too long to be kept. */
export interface TextsFound {
  readonly uids: Float64Array;
  readonly found: Int32Array;
}
