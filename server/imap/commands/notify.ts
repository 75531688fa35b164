import { defineCommand, LOGGED_IN } from "../command.ts";
import { enableCondstore } from "../condstore.ts";
import { type NotifyRequest, parseNotify } from "../notify/events.ts";
import { Notify } from "../notify/notify.ts";
import { tell } from "../tell.ts";

/** The client says what it wants to hear of, at any time (RFC 5465). */
export const notify = defineCommand<NotifyRequest>({
  name: "NOTIFY",
  states: LOGGED_IN,
  rfc: "5465",
  parse: parseNotify,
  async run(context, request) {
    const { session, channel } = context;
    if (request.selected?.items.some((item) => item.kind === "plain" && item.name === "MODSEQ")) {
      enableCondstore(context);
    }
    // What gathered until now is told first, whatever is asked for from here on (RFC 5465 §3.1).
    await tell(context, true, true);
    const next = new Notify(request, () => channel.wake());
    try {
      await next.start(context, request.status);
    } catch (error) {
      next.stop();
      throw error;
    }
    session.notify?.stop();
    session.notify = next;
  },
});
