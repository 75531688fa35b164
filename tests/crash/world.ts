/**
 * What a client knows of the messages that it alone changes, and what each operation makes of them.
 *
 * A place is a message in a mailbox. Its UID is undefined where the server has not told it, since the command that made it was not
 * answered.
 */
import { Random } from "../model/random.ts";

export interface Place {
  readonly mailbox: string;
  readonly uid: number | undefined;
  /** Names the message; its bytes follow from it, see `bytesOf`. */
  readonly token: string;
  /** Sorted, joined by spaces. */
  readonly flags: string;
}

export type World = readonly Place[];

export interface AppendedMessage {
  readonly token: string;
  readonly flags: readonly string[];
}

/** UIDs ascend. An expunge without UIDs means all messages with \Deleted. */
export type Operation =
  | { readonly kind: "append"; readonly to: string; readonly messages: readonly AppendedMessage[] }
  | { readonly kind: "copy" | "move"; readonly from: string; readonly uids: readonly number[]; readonly to: string }
  | {
    readonly kind: "flags";
    readonly mailbox: string;
    readonly uids: readonly number[];
    readonly mode: "add" | "remove" | "set";
    readonly flags: readonly string[];
  }
  | { readonly kind: "expunge"; readonly mailbox: string; readonly uids?: readonly number[] };

/**
 * The world after the operation.
 * @param made UIDs of new messages, in the order of the messages appended or of the source UIDs
 */
export function after(world: World, operation: Operation, made: readonly number[] = []): Place[] {
  switch (operation.kind) {
    case "append": {
      const { to: mailbox, messages } = operation;
      const added = messages.map(({ token, flags }, at) => ({ mailbox, uid: made[at], token, flags: words(flags) }));
      return [...world, ...added];
    }
    case "copy":
    case "move": {
      const { from, uids, to: mailbox, kind } = operation;
      const sources = uids.flatMap((uid) => world.filter((place) => place.mailbox === from && place.uid === uid));
      const added = sources.map(({ token, flags }, at) => ({ mailbox, uid: made[at], token, flags }));
      return [...(kind === "copy" ? world : world.filter((place) => !sources.includes(place))), ...added];
    }
    case "flags": {
      const { mailbox, uids, mode, flags } = operation;
      return world.map((place) => {
        const named = place.mailbox === mailbox && place.uid !== undefined && uids.includes(place.uid);
        if (!named) return place;
        const now = new Set(mode === "set" ? [] : place.flags.split(" ").filter((flag) => flag !== ""));
        for (const flag of flags) mode === "remove" ? now.delete(flag) : now.add(flag);
        return { ...place, flags: words(now) };
      });
    }
    case "expunge": {
      const { mailbox, uids } = operation;
      return world.filter((place) => {
        const meant = place.mailbox === mailbox && place.flags.split(" ").includes("\\Deleted");
        return !meant || (uids !== undefined && (place.uid === undefined || !uids.includes(place.uid)));
      });
    }
  }
}

function words(flags: Iterable<string>): string {
  return [...new Set(flags)].sort().join(" ");
}

/** What differs between the world expected and the one found, in words; undefined: nothing. */
export function difference(expected: World, found: World): string | undefined {
  const left = new Map(found.map((place) => [`${place.mailbox} ${place.uid}`, place]));
  for (const place of expected) {
    if (place.uid === undefined) continue;
    const key = `${place.mailbox} ${place.uid}`;
    const there = left.get(key);
    if (there?.token !== place.token) return `lost: ${shown(place)}${there ? `, there is ${shown(there)}` : ""}`;
    if (there.flags !== place.flags) return `other flags: expected ${shown(place)}, found ${shown(there)}`;
    left.delete(key);
  }
  for (const place of expected) {
    if (place.uid !== undefined) continue;
    const match = [...left].find(([, { mailbox, token, flags }]) =>
      mailbox === place.mailbox && token === place.token && flags === place.flags
    );
    if (!match) return `missing: ${shown(place)}`;
    left.delete(match[0]);
  }
  const [extra] = left.values();
  return extra && `not expected: ${shown(extra)}`;
}

function shown({ mailbox, uid, token, flags }: Place): string {
  return `${token} in ${mailbox} as UID ${uid ?? "?"} (${flags})`;
}

const encoder = new TextEncoder();

/** The message that a token names; the token ends in its size in bytes. */
export function bytesOf(token: string): Uint8Array {
  const size = Number(/(\d+)$/.exec(token)?.[1]);
  const head = `From: Crash <crash@example.org>\r\nSubject: ${token}\r\nMessage-ID: <${token}@example.org>\r\n\r\n`;
  const bytes = new Uint8Array(Math.max(size, head.length));
  const random = new Random([...token].reduce((sum, char) => Math.imul(sum, 31) + char.charCodeAt(0), 7));
  for (let at = 0; at < bytes.length; at++) {
    const column = at % 76;
    bytes[at] = column === 74 ? 13 : column === 75 ? 10 : 0x21 + random.below(94);
  }
  encoder.encodeInto(head, bytes);
  return bytes;
}

/** The token of a message's bytes. @throws {Error} they are not what its token stands for */
export function tokenOf(bytes: Uint8Array): string {
  const head = new TextDecoder("latin1").decode(bytes.subarray(0, 200));
  const token = /\r\nSubject: (\S+)\r\n/.exec(head)?.[1];
  if (!token) throw new Error(`a message that nobody sent: ${JSON.stringify(head)}`);
  const expected = bytesOf(token);
  const same = expected.length === bytes.length && expected.every((byte, at) => byte === bytes[at]);
  if (!same) throw new Error(`the bytes of ${token} are not those that were sent`);
  return token;
}
