/**
 * Reads one command: its line, and its literals, each let in by a limit before a byte of it is kept.
 *
 * Invariant: after `next` resolves the stream stands at the start of the next command, also when the command is refused. Where
 * that cannot be (a literal that comes unasked and is too big to skip), it throws ByeError.
 */
import type { Config } from "../config/schema.ts";
import { type Draft, StoreError } from "../../store/mod.ts";
import { type FrameReader, LineTooLong } from "../net/framing.ts";
import type { Admitter, Command, Context } from "./command.ts";
import { findCommand } from "./commands/table.ts";
import { BadError, ByeError, NoError } from "./errors.ts";
import { CLASS, TAG } from "./wire/chars.ts";
import { Decoder, type Literal } from "./wire/decoder.ts";
import { asciiText } from "./wire/text.ts";
import * as metrics from "../metrics.ts";

export interface CommandFrame {
  /** `*` where none could be read. */
  readonly tag: string;
  /** Its lines joined; literal markers stay, their CRLF does not. */
  readonly line: Uint8Array;
  readonly literals: readonly Literal[];
  /** Found while reading: the command is answered with it and not run. */
  readonly fault?: Error;
}

/** What reading needs of the connection. */
export interface Intake {
  readonly reader: FrameReader;
  readonly limits: Config["limits"];
  readonly authenticated: boolean;
  /** How long the client may be silent, in ms. */
  readonly patience: number;
  /** Sends the continuation request that a synchronising literal waits for. */
  goAhead(): Promise<void>;
  context(tag: string, uid: boolean): Context;
  draft(size: number): Promise<Draft>;
  readonly literalMinus: boolean;
  /** The first line of a command is there: from here on only its answers are written. */
  begins(): Promise<void> | undefined;
}

const SPACE = 0x20;
const LONGEST_TAG = 100;

/** RFC 7888 §5. */
const LITERAL_MINUS = 4096;

interface Marker {
  readonly size: number;
  readonly synchronising: boolean;
  readonly binary: boolean;
}

/** A command whose literals are coming. */
interface Arriving {
  admit?: Admitter;
}

export class CommandReader {
  readonly #intake: Intake;
  /** By when the command must be whole, on the clock of performance.now(). Before login nobody may draw one out, literal by literal. */
  #deadline = Infinity;
  constructor(intake: Intake) {
    this.#intake = intake;
  }

  /** One line within a command, as AUTHENTICATE's answers and IDLE's DONE. @throws {BadError} longer than a command may be */
  async line(timeoutMs: number): Promise<Uint8Array> {
    try {
      const line = await this.#intake.reader.line(this.#room(0), timeoutMs);
      metrics.bytesIn(line.length);
      return line;
    } catch (error) {
      if (error instanceof LineTooLong) throw tooLong();
      throw error;
    }
  }

  async next(): Promise<CommandFrame> {
    const intake = this.#intake;
    this.#deadline = Infinity;
    const literals: Literal[] = [];
    let line: Uint8Array = new Uint8Array(0);
    let length = 0;
    let tag = "*";
    let fault: Error | undefined;
    const arriving: Arriving = {};
    try {
      for (;;) {
        const part = await intake.reader.line(this.#room(length), this.#timeout());
        metrics.bytesIn(part.length);
        if (!intake.authenticated && this.#deadline === Infinity) {
          this.#deadline = performance.now() + intake.patience;
        }
        if (length === 0) await intake.begins();
        length += part.length;
        // Of what is refused already, only the end is looked for.
        if (!fault) line = concat(line, part);
        if (tag === "*") tag = tagOf(line);
        const marker = literalMarker(part);
        if (!marker) return { tag, line, literals, fault };
        const taken = await this.#literal(tag, line, literals, marker, fault !== undefined, arriving);
        if ("fault" in taken) {
          fault ??= taken.fault;
          if (marker.synchronising) return { tag, line, literals, fault };
        } else literals.push(taken);
      }
    } catch (error) {
      if (error instanceof LineTooLong) {
        if (tag === "*") tag = tagOf(error.head);
        // What follows a literal that is on its way cannot be told from its bytes.
        if (literalMarker(error.tail)?.synchronising === false) throw new ByeError("command line too long", "TOOBIG");
        return { tag, line, literals, fault: fault ?? tooLong() };
      }
      for (const literal of literals) await literal.draft?.discard();
      throw error;
    }
  }

  /** How long the next line may be, when the command's lines before it had `used` bytes. */
  #room(used: number): number {
    const { limits, authenticated } = this.#intake;
    return Math.max(0, (authenticated ? limits.commandLine : limits.commandLineBeforeLogin) - used);
  }

  async #literal(
    tag: string,
    line: Uint8Array,
    literals: readonly Literal[],
    marker: Marker,
    failed: boolean,
    arriving: Arriving,
  ): Promise<Literal | { fault: Error }> {
    metrics.bytesIn(Math.min(marker.size, this.#intake.limits.messageSize));
    const command = failed ? undefined : contentCommand(line);
    if (!command) return await this.#argument(literals, marker, failed);
    return await this.#content(command, tag, line, literals, marker, arriving);
  }

  async #argument(literals: readonly Literal[], marker: Marker, failed: boolean): Promise<Literal | { fault: Error }> {
    const { reader, limits, authenticated } = this.#intake;
    const { size, synchronising, binary } = marker;
    if (this.#tooBigUnasked(marker)) return await this.#refuseUnasked(size);
    const before = literals.reduce((sum, { bytes }) => sum + (bytes?.length ?? 0), 0);
    const most = authenticated ? limits.commandLiterals : limits.commandLineBeforeLogin;
    const fits = size <= limits.argumentLiteral && before + size <= most && literals.length < limits.literalCount;
    if (!fits || failed) {
      const fault = new BadError("TOOBIG", "literal too big, or too many of them");
      if (!synchronising) await this.#skip(size, limits.commandLiterals);
      return { fault };
    }
    if (synchronising) await this.#intake.goAhead();
    return { size, binary, bytes: await reader.exactly(size, this.#timeout()) };
  }

  async #content(
    command: Command,
    tag: string,
    line: Uint8Array,
    literals: readonly Literal[],
    marker: Marker,
    arriving: Arriving,
  ): Promise<Literal | { fault: Error }> {
    const { reader, limits, patience } = this.#intake;
    const { size, synchronising, binary } = marker;
    if (this.#tooBigUnasked(marker)) return await this.#refuseUnasked(size);
    let draft: Draft;
    try {
      if (literals.length >= limits.literalCount) throw new BadError("TOOBIG", "too many messages in one command");
      if (size > limits.messageSize) throw new NoError("TOOBIG", `messages may have ${limits.messageSize} bytes`);
      arriving.admit ??= command.accept?.(this.#intake.context(tag, false));
      await arriving.admit?.(line, literals, size);
      draft = await this.#intake.draft(size);
    } catch (fault) {
      if (!(fault instanceof Error)) throw fault;
      if (!synchronising) await this.#skip(size, 2 * limits.messageSize);
      return { fault };
    }
    if (synchronising) await this.#intake.goAhead();
    try {
      await reader.pipe(size, patience, (chunk) => draft.write(chunk));
      return { size, binary, draft };
    } catch (error) {
      await draft.discard();
      // Where the store refused the bytes, all of them were read nevertheless: the stream is still in step.
      if (error instanceof StoreError) return { fault: error };
      throw error;
    }
  }

  /** With LITERAL- only small literals come without being asked for (RFC 7888 §5). */
  #tooBigUnasked({ size, synchronising }: Marker): boolean {
    return this.#intake.literalMinus && !synchronising && size > LITERAL_MINUS;
  }

  async #refuseUnasked(size: number): Promise<{ fault: Error }> {
    await this.#skip(size, 2 * this.#intake.limits.messageSize);
    return { fault: new BadError("TOOBIG", `literals above ${LITERAL_MINUS} bytes must be synchronising`) };
  }

  async #skip(size: number, most: number): Promise<void> {
    if (size > most) throw new ByeError("literal too big", "TOOBIG");
    await this.#intake.reader.skip(size, this.#intake.patience, this.#deadline);
  }

  #timeout(): number {
    return Math.min(this.#intake.patience, Math.max(0, this.#deadline - performance.now()));
  }
}

function tooLong(): BadError {
  return new BadError("TOOBIG", "command line too long");
}

/** The command whose message content the literal at the end of the line is, if it is content. */
function contentCommand(line: Uint8Array): Command | undefined {
  try {
    const decoder = new Decoder(line, []);
    decoder.tag();
    decoder.sp();
    const { definition } = findCommand(decoder);
    return definition.content?.(line.subarray(decoder.position)) ? definition : undefined;
  } catch (error) {
    if (error instanceof BadError) return undefined; // told when the command is parsed
    throw error;
  }
}

const PLUS = 0x2b, LEFT = 0x7b, RIGHT = 0x7d, TILDE = 0x7e;

/**
 * The literal announced by `{n}`, `{n+}`, `~{n}` or `~{n+}` at the end of the line (RFC 9051 §4.3, RFC 7888, RFC 3516 §4.2).
 * Sizes beyond 2^53 are as good as infinite.
 */
export function literalMarker(line: Uint8Array): Marker | undefined {
  let at = line.length - 1;
  if (line[at--] !== RIGHT) return undefined;
  const synchronising = line[at] !== PLUS;
  if (!synchronising) at--;
  const end = at;
  let size = 0;
  for (let unit = 1; at >= 0 && line[at] >= 0x30 && line[at] <= 0x39; at--, unit *= 10) {
    size += (line[at] - 0x30) * unit;
  }
  if (at === end || line[at] !== LEFT) return undefined;
  return { size, synchronising, binary: at > 0 && line[at - 1] === TILDE };
}

/** The tag at the start of a line, `*` if there is none (RFC 9051 §2.2.1). */
function tagOf(line: Uint8Array): string {
  let end = 0;
  while (CLASS[line[end]] & TAG) end++;
  const isTag = end > 0 && end <= LONGEST_TAG && (end === line.length || line[end] === SPACE);
  return isTag ? asciiText(line, 0, end) : "*";
}

function concat(a: Uint8Array, b: Uint8Array): Uint8Array {
  if (a.length === 0) return b;
  const all = new Uint8Array(a.length + b.length);
  all.set(a);
  all.set(b, a.length);
  return all;
}
