/** What LMTP asks of delivery: who is a recipient, and what became of the message for each (RFC 2033 §4.2). */
import type { Readable } from "node:stream";
import { getLogger } from "@logtape/logtape";
import type { SMTPServerAddress, SMTPServerSession } from "smtp-server";
import { deliver, type Deliverer, type DeliveryResult, hasRoom } from "../delivery/delivery.ts";
import { findRecipient, type Recipient, type RecipientFault } from "../delivery/recipient.ts";
import { bytesIn, deliveryDone, serverBug } from "../metrics.ts";

const log = getLogger(["roost", "lmtp"]);

/** A reply that is no 2xx. */
export class Refusal extends Error {
  /** @param message begins with an enhanced status code (RFC 3463) */
  constructor(readonly responseCode: number, message: string) {
    super(message);
  }
}

type Reply = string | Refusal;

/** Transactions of all connections of a listener. */
export class LmtpDelivery {
  /** Those accepted so far, in the order of their RCPT; an envelope is of one transaction. */
  readonly #accepted = new WeakMap<object, Recipient[]>();

  constructor(readonly deliverer: Deliverer) {}

  /** @throws {Refusal} 550, 450, 452 or 552, 451 */
  async recipient({ address }: SMTPServerAddress, { envelope }: SMTPServerSession): Promise<void> {
    const { store, config } = this.deliverer;
    const sender = addressOf(envelope.mailFrom);
    try {
      const recipient = await findRecipient(store.directory, address, config.delivery.delimiter);
      if (typeof recipient === "string") {
        deliveryDone("unknown", 0, 0);
        log.info("recipient refused", { sender, recipient: address, reason: recipient });
        throw noRecipient(recipient);
      }
      if (!await hasRoom(store, recipient.account, announcedSize(envelope))) {
        deliveryDone("overquota", 0, 0);
        log.info("recipient over quota", { sender, recipient: address, account: recipient.account.address });
        throw this.#refusal("overquota");
      }
      const accepted = this.#accepted.get(envelope);
      if (accepted) accepted.push(recipient);
      else this.#accepted.set(envelope, [recipient]);
    } catch (error) {
      if (error instanceof Refusal) throw error;
      log.error("a recipient cannot be looked up", { recipient: address, error });
      throw this.#refusal("unavailable");
    }
  }

  /** Reads the message to its end. @returns a reply for each recipient; none: the client went away before the end */
  async message(stream: Readable, { envelope }: SMTPServerSession): Promise<Reply[]> {
    const recipients = this.#accepted.get(envelope) ?? [];
    const size = announcedSize(envelope);
    try {
      const sender = addressOf(envelope.mailFrom);
      const outcomes = await deliver(this.deliverer, { sender, recipients, size }, counted(stream));
      return outcomes.map(({ result }) => this.#reply(result));
    } catch (error) {
      if (stream.errored) {
        log.debug("the client went away within a message", { error });
        return [];
      }
      serverBug();
      log.error("a message could not be delivered", { error });
      return recipients.map(() => this.#refusal("unavailable"));
    }
  }

  #reply(result: DeliveryResult): Reply {
    if (result === "delivered") return "2.0.0 Delivered";
    if (result === "duplicate") return "2.0.0 Delivered a moment ago";
    return this.#refusal(result);
  }

  #refusal(result: Exclude<DeliveryResult, "delivered" | "duplicate">): Refusal {
    const { delivery, limits } = this.deliverer.config;
    switch (result) {
      case "overquota":
        return delivery.overQuota === "permanent"
          ? new Refusal(552, "5.2.2 The mailbox is full")
          : new Refusal(452, "4.2.2 The mailbox is full");
      case "toolarge":
        return new Refusal(552, `5.3.4 A message may have ${limits.messageSize} bytes`);
      case "diskfull":
        return new Refusal(452, "4.3.1 No space is left on the server");
      case "unavailable":
        return new Refusal(451, "4.3.0 The mailbox cannot be used at the moment");
    }
  }
}

/** Mail to a disabled domain waits at the mail server (RFC 3463 §3.3 X.2.1). */
function noRecipient(fault: RecipientFault): Refusal {
  switch (fault) {
    case "unknown":
      return new Refusal(550, "5.1.1 There is no such mailbox here");
    case "removed":
      return new Refusal(550, "5.2.1 The mailbox is closed");
    case "domain":
      return new Refusal(450, "4.2.1 Mail to this domain is not taken at the moment");
  }
}

function addressOf(mailFrom: SMTPServerAddress | false): string {
  return mailFrom ? mailFrom.address : "";
}

/** MAIL's SIZE, which the library has checked to be a number within the limit (RFC 1870 §6). */
function announcedSize({ mailFrom }: SMTPServerSession["envelope"]): number {
  const size = mailFrom && mailFrom.args && mailFrom.args.SIZE;
  return typeof size === "string" ? Number(size) : 0;
}

async function* counted(stream: Readable): AsyncIterable<Uint8Array> {
  for await (const bytes of stream) {
    bytesIn(bytes.length);
    yield bytes;
  }
}
