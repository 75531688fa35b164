/** Rights and identifiers as clients write and read them (RFC 4314 §2, §3), with the old rights `c` and `d` (§2.1.1). */
import saslprep from "@mongodb-js/saslprep";
import { Rights } from "../../store/rights.ts";
import type { FoundPlace } from "./access.ts";
import type { Context } from "./command.ts";
import { BadError } from "./errors.ts";
import type { Decoder } from "./wire/decoder.ts";

/** `c` is all of `create`, `d` all of `delete`. */
const VIRTUAL = { c: "kx", d: "et" } as const;

/** Longest identifier: an address with a dash. */
const MAX_IDENTIFIER = 321;

/** With the virtual rights where a member of theirs is granted. */
export function rightsText({ letters }: Rights): string {
  const member = (members: string) => [...members].some((letter) => letters.includes(letter));
  return letters + (member(VIRTUAL.c) ? "c" : "") + (member(VIRTUAL.d) ? "d" : "");
}

/** @throws {BadError} a letter that is no right: nothing is left out silently (RFC 4314 §3.1) */
export function parseRights(text: string): Rights {
  const letters = text.replace(/c/g, VIRTUAL.c).replace(/d/g, VIRTUAL.d);
  const rights = new Rights(letters);
  for (const letter of letters) {
    if (rights.letters.includes(letter)) continue;
    throw new BadError(
      undefined,
      /[A-Z]/.test(letter) ? "uppercase rights are not allowed" : `unknown right ${letter}`,
    );
  }
  return rights;
}

/** `identifier`, prepared (RFC 4314 §3). @throws {BadError} nothing is left of it, or it cannot be prepared */
export function parseIdentifier(d: Decoder): string {
  const text = d.astringText();
  const negative = text.startsWith("-") ? "-" : "";
  let prepared: string;
  try {
    prepared = saslprep(text.slice(negative.length));
  } catch {
    throw new BadError(undefined, "the identifier holds what no identifier can");
  }
  if (prepared === "" || prepared.length > MAX_IDENTIFIER) {
    throw new BadError(undefined, `an identifier has 1 to ${MAX_IDENTIFIER} characters`);
  }
  return negative + prepared;
}

/** `* MYRIGHTS mailbox rights` (RFC 4314 §3.8, RFC 8440 §3). */
export function writeMyRights({ out, session }: Pick<Context, "out" | "session">, { shown, rights }: FoundPlace): void {
  out.ascii("* MYRIGHTS ").mailbox(shown, session.utf8).sp().ascii(rightsText(rights)).crlf();
}

/** An identifier or a list of rights: an atom where it can be one. */
export function writeWord({ out }: Pick<Context, "out">, text: string): void {
  if (/^[A-Za-z0-9@._+=$-]+$/.test(text) && !/^nil$/i.test(text)) out.ascii(text);
  else out.string(text);
}
