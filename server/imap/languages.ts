/**
 * Languages of the texts that people may get to see (RFC 5255 §3): English, which is `i-default`, and German. What is not translated
 * here speaks to those who write mail clients, and stays English, as i-default may everywhere (RFC 2277 §4.5).
 */
import { printable } from "../printable.ts";
import type { Encoder } from "./wire/encoder.ts";
import { encodeUtf8 } from "./wire/text.ts";

export interface Language {
  /** As LANGUAGE names it (RFC 4646). */
  readonly tag: string;
  /** What others share, as the namespace's name; undefined: as it is. */
  readonly shared?: string;
  readonly texts: ReadonlyMap<string, string>;
  /** `SELECT done`. */
  done?(command: string): string;
}

const GERMAN: ReadonlyMap<string, string> = new Map([
  ["LANGUAGE done", "LANGUAGE-Befehl ausgeführt"],
  ["unsupported language", "Diese Sprache wird nicht unterstützt"],
  ["there is no such mailbox", "Dieses Postfach gibt es nicht"],
  ["there is no such message", "Diese Nachricht gibt es nicht"],
  ["the mailbox is open read-only", "Das Postfach ist nur zum Lesen geöffnet"],
  ["the mailbox exists already", "Dieses Postfach gibt es schon"],
  ["the account's quota would be exceeded", "Das Postfach ist voll: Das Kontingent würde überschritten"],
  ["some messages are gone", "Einige Nachrichten sind nicht mehr da"],
  ["the message does not exist any more", "Die Nachricht ist nicht mehr da"],
  ["only administrators set quotas", "Nur Verwalter setzen Kontingente"],
  ["too many messages to copy at once, try fewer", "Zu viele Nachrichten auf einmal"],
  ["internal error, see the server's log", "Interner Fehler, siehe Protokoll des Servers"],
  ["Wrong user name or password.", "Benutzername oder Kennwort falsch"],
  ["log in first", "Zuerst anmelden"],
  ["select a mailbox first", "Zuerst ein Postfach öffnen"],
  ["unknown command", "Unbekannter Befehl"],
  ["there is no such filter", "Diesen Filter gibt es nicht"],
  ["that charset is not known here", "Dieser Zeichensatz ist hier unbekannt"],
]);

const DEFAULT: Language = { tag: "i-default", texts: new Map() };
const ENGLISH: Language = { tag: "EN", texts: new Map() };

export const LANGUAGES: readonly Language[] = [
  ENGLISH,
  { tag: "DE", shared: "Geteilt", texts: GERMAN, done: (command) => `${command} ausgeführt` },
  DEFAULT,
];
export const DEFAULT_LANGUAGE = DEFAULT;

/** The first range that a language fits: it, or what it is a dialect of (RFC 4647 §3.4, lookup); any case. */
export function languageFor(ranges: readonly string[]): Language | undefined {
  for (const range of ranges) {
    const wanted = range.toLowerCase();
    if (wanted === "default" || wanted === "*") return DEFAULT;
    for (let end = wanted.length; end > 0; end = wanted.lastIndexOf("-", end - 1)) {
      const found = LANGUAGES.find(({ tag }) => tag.toLowerCase() === wanted.slice(0, end));
      if (found) return found;
    }
  }
  return undefined;
}

/** A response's text for people, in UTF-8 where it is translated (RFC 5255 §3.5 resp-text). */
export function writeText(out: Encoder, { texts, done }: Language, text: string): Encoder {
  const translated = texts.get(text) ?? (text.endsWith(" done") ? done?.(text.slice(0, -5)) : undefined);
  // What a client sent may be told back in it, and must not end the line.
  return translated === undefined ? out.ascii(printable(text)) : out.raw(encodeUtf8(translated));
}
