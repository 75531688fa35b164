/** What the store can say of texts without reading them. */

/** Text looked for, folded as `searchHeaders` and `searchText` are. */
export type TextQuery =
  | { readonly in: "body" | "text"; readonly text: Uint8Array }
  /** In a field of that name, in lower case. */
  | { readonly in: "header"; readonly name: string; readonly text: Uint8Array };

/** Whether a message has the text. */
export const Match = { No: 0, Maybe: 1, Yes: 2 } as const;
export type Match = typeof Match[keyof typeof Match];
