/**
 * Every statement of the mail store passes through `sql`, so a test can ask SQLite for the plan of each of them.
 * The texts themselves stand beside the operations that use them.
 */
const texts = new Set<string>();

/** Registers a statement's text and gives it back. */
export function sql(text: string): string {
  texts.add(text);
  return text;
}

/** All statements of the modules loaded so far, and those that `read` has made. */
export function statements(): readonly string[] {
  return [...texts];
}
