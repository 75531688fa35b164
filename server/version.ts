/** Roost's version, as `roost version` and ID tell it. */
export const VERSION = "0.1.0";
