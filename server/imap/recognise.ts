/** Which command a frame is, and whether it may be used now. */
import type { Session } from "./session.ts";
import { done } from "./commands/idle.ts";
import { findCommand, type Found } from "./commands/table.ts";
import { BadError } from "./errors.ts";
import type { CommandFrame } from "./intake.ts";
import { demandNumberless } from "./uidonly.ts";
import { demandOffered } from "./withheld.ts";
import { Decoder } from "./wire/decoder.ts";

export interface Recognised extends Found {
  /** Stands behind the command's name. */
  readonly decoder: Decoder;
}

/**
 * @param maxNesting of parentheses and search keys
 * @throws {BadError} no tag, no such command, not in this state; whatever reading the command found
 */
export function recognise(frame: CommandFrame, session: Session, maxNesting: number): Recognised {
  if (frame.fault) throw frame.fault;
  const decoder = new Decoder(frame.line, frame.literals, { utf8: session.utf8, maxNesting });
  decoder.tag();
  if (frame.tag === "*") throw new BadError(undefined, "the tag is too long");
  decoder.sp();
  const found = findCommand(decoder);
  demandOffered(session, found);
  if (!found.definition.states.includes(session.state)) {
    throw new BadError(undefined, `${found.label} is not allowed in this state`);
  }
  demandNumberless(session, found);
  return { ...found, decoder };
}

/** The line behind an IDLE. @throws {BadError} whatever reading it found */
export function recogniseDone(frame: CommandFrame): Recognised {
  if (frame.fault) throw frame.fault;
  const definition = done(frame.line);
  return { definition, uid: false, label: definition.name, decoder: new Decoder(frame.line, frame.literals) };
}
