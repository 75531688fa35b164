/** The formats that mail can be imported from and exported to. */
export const FORMATS = ["maildir", "mbox", "eml"] as const;
export type Format = (typeof FORMATS)[number];
