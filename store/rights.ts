/** Rights on mailboxes (RFC 4314 §2.1), as letters; a set of them is kept as text in the order of `ALL_RIGHTS`. */

/** lookup, read, seen, write, insert, post, create below, delete mailbox, delete messages, expunge, administer. */
export const ALL_RIGHTS = "lrswipkxtea";
export type Right = "l" | "r" | "s" | "w" | "i" | "p" | "k" | "x" | "t" | "e" | "a";

export class Rights {
  static readonly NONE: Rights = new Rights("");
  static readonly ALL: Rights = new Rights(ALL_RIGHTS);
  /** Letters in the order of `ALL_RIGHTS`, none twice. */
  readonly letters: string;

  /** @param letters of `ALL_RIGHTS`, in any order; others are left out */
  constructor(letters: string) {
    this.letters = [...ALL_RIGHTS].filter((letter) => letters.includes(letter)).join("");
  }

  has(...rights: readonly Right[]): boolean {
    return rights.every((right) => this.letters.includes(right));
  }

  hasAny(...rights: readonly Right[]): boolean {
    return rights.some((right) => this.letters.includes(right));
  }

  with(others: Rights): Rights {
    return new Rights(this.letters + others.letters);
  }

  without(others: Rights): Rights {
    return new Rights([...this.letters].filter((letter) => !others.letters.includes(letter)).join(""));
  }
}
