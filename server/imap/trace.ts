/** The protocol trace: what clients say, at level trace; passwords and message data are masked. */
import { getLogger } from "@logtape/logtape";
import type { CommandFrame } from "./intake.ts";

const log = getLogger(["roost", "protocol"]);
const latin1 = new TextDecoder("latin1");

export class Trace {
  constructor(readonly connection: string) {}

  /** `secret`: only tag and name of the command are shown. Literals never are. */
  received(frame: CommandFrame, secret: boolean): void {
    if (!log.isEnabledFor("trace")) return;
    const text = latin1.decode(frame.line.subarray(0, 1000));
    const line = secret ? text.split(" ", 2).join(" ") + " (hidden)" : text;
    log.trace("C: {line}", { conn: this.connection, line });
  }

  sent(line: string): void {
    if (!log.isEnabledFor("trace")) return;
    log.trace("S: {line}", { conn: this.connection, line });
  }
}
