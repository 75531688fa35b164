/** Flags as the source tells them, and what changed of them since. */
import { type FlagSet, flagSet } from "../../store/flags.ts";
import { flagsText } from "../../store/mirrors.ts";
import { importedFlag } from "../formats/metadata.ts";

/** Mailboxes have few different sets of flags: each is one text. */
export class FlagTexts {
  readonly #known = new Map<string, string>();

  /** The flags that can be here, in one order. */
  of(flags: Iterable<string> | undefined): string {
    const key = [...flags ?? []].join(" ");
    let text = this.#known.get(key);
    if (text === undefined) {
      const names = key.split(" ", MOST_FLAGS).map(importedFlag);
      text = flagsText(names.filter((name) => name !== undefined));
      if (this.#known.size < MOST_KNOWN) this.#known.set(key, text);
    }
    return text;
  }
}

const MOST_KNOWN = 10_000;
/** Of one message. */
const MOST_FLAGS = 2000;

const namesOf = (text: string) => text === "" ? [] : text.split(" ");

export function asFlagSet(text: string): FlagSet {
  return flagSet(namesOf(text));
}

/** What is to be added and removed so that `before` becomes `now`. */
export function difference(before: string, now: string): { add: FlagSet; remove: FlagSet } {
  const [old, fresh] = [new Set(namesOf(before)), new Set(namesOf(now))];
  return {
    add: flagSet([...fresh].filter((name) => !old.has(name))),
    remove: flagSet([...old].filter((name) => !fresh.has(name))),
  };
}

/** Keywords of one mailbox, and whether there is room for more. */
export class Keywords {
  readonly #names: Set<string>;
  #told = false;

  constructor(names: readonly string[], readonly most: number) {
    this.#names = new Set(names.map((name) => name.toLowerCase()));
  }

  /** The set without keywords that have no room; `left` hears of the first such one. */
  fitting(set: FlagSet, left: (keyword: string) => void): FlagSet {
    if (set.keywords.length === 0) return set;
    const keywords = set.keywords.filter((keyword) => {
      const name = keyword.toLowerCase();
      if (this.#names.has(name)) return true;
      if (this.#names.size >= this.most) {
        if (!this.#told) left(keyword);
        this.#told = true;
        return false;
      }
      this.#names.add(name);
      return true;
    });
    return { fixed: set.fixed, keywords };
  }
}
