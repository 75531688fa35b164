/** What a command that runs sees of its connection. */
import type { Context } from "./command.ts";
import type { Channel, ServerContext } from "./context.ts";
import { BadError } from "./errors.ts";
import { Progress } from "./progress.ts";
import type { Session } from "./session.ts";
import type { Encoder } from "./wire/encoder.ts";

interface Parts {
  readonly server: ServerContext;
  readonly session: Session;
  readonly channel: Channel;
  readonly out: Encoder;
  /** Sends what is in `out`. */
  flush(): Promise<void>;
  /** Sends it when it is much. */
  flushed(): Promise<void>;
  /** Sends what is in `out`, then the bytes. */
  send(bytes: Uint8Array): Promise<void>;
}

export function commandContext({ flush, ...parts }: Parts, tag: string, uid: boolean): Context {
  const { session, server, out } = parts;
  const progress = new Progress(tag, out, flush, server.progressEvery);
  return {
    ...parts,
    tag,
    uid,
    get mail() {
      if (!session.mail) throw new BadError(undefined, "log in first");
      return session.mail;
    },
    get selected() {
      if (!session.selected) throw new BadError(undefined, "select a mailbox first");
      return session.selected;
    },
    progress: (done, total) => progress.at(done, total),
    working: (work) => progress.during(work),
  };
}
