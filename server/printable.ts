/**
 * Text for a line of a log or a terminal. Whoever sent it may have meant more than to be read: what ends a line, moves a cursor or
 * turns the direction of writing is shown by its number.
 */

// deno-lint-ignore no-control-regex -- these: C0 but tab, DEL, C1, line and paragraph separator, directions (Unicode Cc, Zl, Zp, Bidi_Control)
const COMMANDS = /[\x00-\x08\x0a-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/** With such characters as `\u001b`, which is also how JSON writes them within its strings. */
export function printable(text: string): string {
  return text.replace(COMMANDS, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
