/** What the account should hold: the simplest thing that could be right. */

export interface ModelMessage {
  readonly uid: number;
  readonly subject: string;
  readonly flags: Set<string>;
}

export class ModelMailbox {
  messages: ModelMessage[] = [];
  uidNext = 1;

  add(subject: string, flags: Iterable<string>): ModelMessage {
    const message = { uid: this.uidNext++, subject, flags: new Set(flags) };
    this.messages.push(message);
    return message;
  }

  find(uid: number): ModelMessage | undefined {
    return this.messages.find((message) => message.uid === uid);
  }

  remove(uids: ReadonlySet<number>): ModelMessage[] {
    const gone = this.messages.filter(({ uid }) => uids.has(uid));
    this.messages = this.messages.filter(({ uid }) => !uids.has(uid));
    return gone;
  }

  /** Removes messages with \Deleted, all or those named. */
  expunge(named?: ReadonlySet<number>): void {
    this.messages = this.messages.filter(({ uid, flags }) => !flags.has("\\deleted") || (named && !named.has(uid)));
  }
}

export type Model = ReadonlyMap<string, ModelMailbox>;
