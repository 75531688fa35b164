/**
 * Named searches that a client stores as annotations of the server and uses by FILTER (RFC 5466).
 *
 * A filter is read and parsed once a search, however often it is named, so filters that name filters cost no more than their lengths;
 * what they come to together is bounded.
 */
import type { MailStore } from "../../../store/store.ts";
import { BadError, NoError } from "../errors.ts";
import { Decoder } from "../wire/decoder.ts";
import { defaultCharset } from "./charset.ts";
import { type Key, mapKey, parseKeys, someKey } from "./keys.ts";

/** Filters that name filters, and so on. */
const MAX_PASSES = 10;
/** Keys that all filters of a search come to, each counted as often as it is put in. */
const MAX_KEYS = 1000;

/** Where the values are, in the order in which they count (RFC 5466 §3.1). */
const ROOTS = ["/private/filters/values/", "/shared/filters/values/"];

/** Whether the value of an annotation is a whole search program (RFC 5466 §3.2). */
export function isFilter(value: Uint8Array): boolean {
  try {
    parseFilter(value);
    return true;
  } catch (error) {
    if (error instanceof BadError || error instanceof NoError) return false;
    throw error;
  }
}

/** Whether an annotation of the server is the value of a filter. */
export function isFilterEntry(entry: string): boolean {
  return ROOTS.some((root) => entry.startsWith(root));
}

/** @throws {BadError} not a search program */
function parseFilter(value: Uint8Array): Key {
  const decoder = new Decoder(value, [], { utf8: true });
  const key = parseKeys(decoder, defaultCharset);
  decoder.end();
  return key;
}

/**
 * The key with filters put in place.
 * @throws {NoError} UNDEFINED-FILTER: one is not there, is no search program, or names itself; LIMIT: it becomes too large
 */
export async function resolveFilters(mail: Pick<MailStore, "annotations">, key: Key): Promise<Key> {
  if (!someKey(key, isFilterKey)) return key;
  const values = new Map<string, Uint8Array>();
  for (const { entry, value } of await mail.annotations(null)) values.set(entry, value);
  const resolved = new Map<string, { key: Key; size: number }>();
  let total = 0;
  const fill = (name: string, above: readonly string[]): { key: Key; size: number } => {
    const lower = name.toLowerCase();
    const known = resolved.get(lower);
    if (known) return known;
    const value = values.get(ROOTS[0] + lower) ?? values.get(ROOTS[1] + lower);
    if (!value || above.includes(lower) || above.length >= MAX_PASSES) throw undefinedFilter(name);
    let size = 0;
    let parsed: Key;
    try {
      parsed = parseFilter(value);
    } catch (error) {
      if (error instanceof BadError) throw undefinedFilter(name);
      throw error;
    }
    const key = mapKey(parsed, (inner) => {
      size++;
      if (!isFilterKey(inner)) return inner;
      const filled = fill(inner.name, [...above, lower]);
      size += filled.size;
      if (size > MAX_KEYS) throw tooLarge();
      return filled.key;
    });
    const result = { key, size };
    resolved.set(lower, result);
    return result;
  };
  return mapKey(key, (inner) => {
    if (!isFilterKey(inner)) return inner;
    const filled = fill(inner.name, []);
    total += filled.size;
    if (total > MAX_KEYS) throw tooLarge();
    return filled.key;
  });
}

export function isFilterKey(key: Key): key is Extract<Key, { is: "filter" }> {
  return key.is === "filter";
}

function undefinedFilter(name: string): NoError {
  return new NoError(`UNDEFINED-FILTER ${name}`, "there is no such filter");
}

function tooLarge(): NoError {
  return new NoError("LIMIT", `filters come to more than ${MAX_KEYS} search keys`);
}
