/** What threads are made of: message identifiers (RFC 5322 §3.6.4) and base subjects (RFC 5256 §2.1). */

const MAX_REFERENCES = 1000;

/** The identifiers `<…>` in order, without brackets and blanks; of very many, the last ones, which are nearest. */
export function messageIds(value: string | undefined): string[] {
  if (value === undefined) return [];
  const ids: string[] = [];
  let open = value.indexOf("<");
  while (open >= 0) {
    const close = value.indexOf(">", open);
    if (close < 0) break;
    // A bracket that was opened twice counts from the second.
    const start = value.lastIndexOf("<", close);
    const id = value.slice(start + 1, close).replace(/[ \t\r\n]+/g, "");
    if (id !== "") ids.push(id);
    if (ids.length > 2 * MAX_REFERENCES) ids.splice(0, MAX_REFERENCES);
    open = value.indexOf("<", close);
  }
  return ids.length > MAX_REFERENCES ? ids.slice(-MAX_REFERENCES) : ids;
}

/** The first identifier, or the whole value where the brackets are missing. */
export function firstMessageId(value: string | undefined): string | null {
  if (value === undefined) return null;
  return messageIds(value)[0] ?? (value.replace(/[<> \t\r\n]+/g, "") || null);
}

/** `subject` decoded. The case stays; what compares base subjects folds it. */
export function baseSubject(subject: string): string {
  return subjectOf(subject).base;
}

/** The base subject, and whether `re:`, `fwd:`, `(fwd)` or `[fwd: …]` was taken from it (RFC 5256 §2.1, §3 THREAD). */
export function subjectOf(subject: string): { base: string; isReply: boolean } {
  let text = subject.replace(/\s+/g, " ").trim();
  let isReply = false;
  const given = (base: string) => ({ base, isReply });
  while (true) {
    const before = text;
    text = withoutTrailers(text);
    isReply ||= text.length < before.length;
    text = withoutLeaders(text, () => isReply = true);
    const forwarded = /^\[fwd:(.*)\]$/i.exec(text);
    if (forwarded === null || text === before && forwarded[1].trim() === "") return given(text);
    isReply = true;
    text = forwarded[1].trim();
  }
}

function withoutTrailers(text: string): string {
  let end = text.length;
  while (true) {
    while (end > 0 && text[end - 1] === " ") end--;
    if (end < 5 || text.slice(end - 5, end).toLowerCase() !== "(fwd)") return text.slice(0, end);
    end -= 5;
  }
}

/** Drops `re:`, `fw[d][list]:` and list names `[…]` as long as something is left behind the latter. */
function withoutLeaders(text: string, onReply: () => void): string {
  let at = 0;
  while (true) {
    at = skipSpaces(text, at);
    const leader = leaderEnd(text, at);
    if (leader > at) {
      onReply();
      at = leader;
      continue;
    }
    const blob = blobEnd(text, at);
    if (blob === at || skipSpaces(text, blob) >= text.length) return text.slice(at);
    at = blob;
  }
}

/** Behind `*subj-blob subj-refwd` at `at`, or `at`. */
function leaderEnd(text: string, at: number): number {
  const word = /(?:re|fwd?)/iy;
  word.lastIndex = at;
  if (!word.test(text)) return at;
  let end = skipSpaces(text, word.lastIndex);
  end = skipSpaces(text, blobEnd(text, end));
  return text[end] === ":" ? end + 1 : at;
}

/** Behind a `[…]` without inner brackets, or `at`. */
function blobEnd(text: string, at: number): number {
  if (text[at] !== "[") return at;
  for (let i = at + 1; i < text.length; i++) {
    if (text[i] === "]") return i + 1;
    if (text[i] === "[") break;
  }
  return at;
}

function skipSpaces(text: string, at: number): number {
  while (text[at] === " ") at++;
  return at;
}
