/** The store's public face. */
export * from "./types.ts";
export * from "./flags.ts";
export * from "./rights.ts";
export * from "./index.ts";
export type * from "./store.ts";
export type * from "./changes.ts";
export type * from "./mirrors.ts";
export type * from "./upkeep.ts";
