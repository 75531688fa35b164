import { decodeBase64, encodeBase64 } from "../base64.ts";
import { capabilityList } from "../capabilities.ts";
import { type Context, defineCommand } from "../command.ts";
import { BadError, NoError } from "../errors.ts";
import { authenticating } from "../authenticating.ts";
import type { Account } from "../../../store/store.ts";
import type { SaslExchange } from "../../../auth/authenticator.ts";

const latin1 = new TextDecoder("latin1");

export const authenticate = defineCommand({
  name: "AUTHENTICATE",
  states: ["notAuthenticated"],
  rfc: "9051 §6.2.2, 4959",
  secret: true,
  parse(d) {
    d.sp();
    const mechanism = d.word();
    // "=" is an initial response of no bytes (RFC 4959 §3).
    const initial = d.trySp() ? fromBase64(d.atom()) : undefined;
    return { mechanism, initial };
  },
  async run(context, { mechanism, initial }) {
    const { server, channel, session } = context;
    const known = server.auth.mechanisms(channel, true).includes(mechanism);
    if (!known) throw new NoError("CANNOT", "mechanism not supported");
    if (!server.auth.mechanisms(channel, channel.cleartextLogin).includes(mechanism)) {
      throw new NoError("PRIVACYREQUIRED", `${mechanism} needs TLS here`);
    }
    const exchange = server.auth.begin(mechanism, channel);
    if (!exchange) throw new NoError("CANNOT", "mechanism not supported");
    const account = await authenticating(mechanism, channel, () => converse(context, exchange, initial));
    channel.loggedIn(account);
    return { code: `CAPABILITY ${capabilityList(channel, session, server)}`, text: "welcome" };
  },
});

/** Carries challenges and answers until the mechanism is done. @throws {BadError} the client gave up with `*` */
async function converse({ channel, server }: Context, exchange: SaslExchange, initial?: Uint8Array): Promise<Account> {
  let data = initial;
  for (;;) {
    const step = await exchange.next(data);
    const toSay = step.done ? step.data : step.challenge;
    if (step.done && !toSay) return step.account;
    await channel.continuation(encodeBase64(toSay ?? new Uint8Array(0)));
    const line = await channel.line(server.config.limits.timeoutBeforeLogin * 1000);
    if (line.length === 1 && line[0] === 0x2a) throw new BadError(undefined, "authentication given up");
    data = fromBase64(latin1.decode(line));
    if (!step.done) continue;
    if (data.length > 0) throw new BadError(undefined, "nothing was left to say");
    return step.account;
  }
}

function fromBase64(text: string): Uint8Array {
  if (text === "=") return new Uint8Array(0);
  const bytes = decodeBase64(text);
  if (!bytes) throw new BadError(undefined, "invalid base64");
  return bytes;
}
