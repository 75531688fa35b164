import { type Command, defineCommand, LOGGED_IN } from "../command.ts";
import type { MailboxName } from "../../../store/types.ts";

export const subscribe = subscription("SUBSCRIBE", "9051 §6.3.7", true);
export const unsubscribe = subscription("UNSUBSCRIBE", "9051 §6.3.8", false);

/** Names without a mailbox can be subscribed to (RFC 9051 §6.3.7); unsubscribing what is not subscribed changes nothing. */
function subscription(name: string, rfc: string, subscribed: boolean): Command {
  return defineCommand<MailboxName>({
    name,
    states: LOGGED_IN,
    rfc,
    parse(d) {
      d.sp();
      return d.mailbox();
    },
    async run({ mail }, mailbox) {
      await mail.setSubscribed(mailbox, subscribed);
    },
  });
}
