/** The character classes of RFC 9051 §9, as bits of one table indexed by byte. Bytes from 0x80 on are in none of them. */

/** ATOM-CHAR: no SP, CTL, `( ) { % * " \ ]`. */
export const ATOM = 1;
/** ASTRING-CHAR: ATOM-CHAR and `]`. */
export const ASTRING = 2;
/** list-char: ASTRING-CHAR, `%` and `*`. */
export const LIST = 4;
/** What a tag is made of: ASTRING-CHAR without `+`. */
export const TAG = 8;
/** Command and option names: ATOM-CHAR without `[`, which starts a section (`BODY[`). */
export const WORD = 16;
export const DIGIT = 32;
/** May stand in a quoted string as it is: 7 bits, no NUL, CR, LF, `"` or `\`. */
export const PLAIN = 64;

export const CLASS: Uint8Array = makeTable();

function makeTable(): Uint8Array {
  const table = new Uint8Array(256);
  for (let c = 1; c < 0x80; c++) {
    const ch = String.fromCharCode(c);
    let bits = '\r\n"\\'.includes(ch) ? 0 : PLAIN;
    const control = c < 0x20 || c === 0x7f;
    if (!control && !' (){%*"\\]'.includes(ch)) bits |= ATOM | ASTRING | LIST | TAG | WORD;
    if (ch === "]") bits |= ASTRING | LIST | TAG;
    if (ch === "%" || ch === "*") bits |= LIST;
    if (ch === "+") bits &= ~TAG;
    if (ch === "[") bits &= ~WORD;
    if (c >= 0x30 && c <= 0x39) bits |= DIGIT;
    table[c] = bits;
  }
  return table;
}
