/** Comments and quoted strings of RFC 5322 §3.2, in text of one character a byte. Unterminated ones end with the text. */

/** The comment that opens at `start`: its content, unescaped, inner comments kept with their parentheses. */
export function unfoldComment(text: string, start: number): { content: string; end: number } {
  let depth = 0;
  let content = "";
  let from = start + 1;
  let at = start;
  for (; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x28) {
      depth++;
    } else if (code === 0x29) {
      if (--depth === 0) break;
    } else if (code === 0x5c && at + 1 < text.length) {
      content += text.slice(from, at);
      from = ++at;
    }
  }
  content += text.slice(from, at);
  return { content, end: Math.min(text.length, at + 1) };
}

/** The quoted string that opens at `start`: its content, unescaped. */
export function unquote(text: string, start: number): { content: string; end: number } {
  let content = "";
  let from = start + 1;
  let at = from;
  for (; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x22) break;
    if (code === 0x5c && at + 1 < text.length) {
      content += text.slice(from, at);
      from = ++at;
    }
  }
  content += text.slice(from, at);
  return { content, end: Math.min(text.length, at + 1) };
}

/** Without comments; quoted strings stay as they are. */
export function withoutComments(text: string): string {
  if (!text.includes("(")) return text;
  let result = "";
  let from = 0;
  let at = 0;
  while (at < text.length) {
    const code = text.charCodeAt(at);
    if (code === 0x22) {
      at = unquote(text, at).end;
    } else if (code === 0x28) {
      result += text.slice(from, at) + " ";
      at = from = unfoldComment(text, at).end;
    } else {
      at++;
    }
  }
  return result + text.slice(from);
}
