import { decodeBase64, encodeBase64 } from "../base64.ts";
import { capabilityList } from "../capabilities.ts";
import { type Context, defineCommand } from "../command.ts";
import { NoError } from "../errors.ts";
import { authenticating } from "../authenticating.ts";
import { AuthError, type Login, type SaslExchange } from "../../../auth/types.ts";

const latin1 = new TextDecoder("latin1");

export const authenticate = defineCommand({
  name: "AUTHENTICATE",
  states: ["notAuthenticated"],
  rfc: "9051 §6.2.2, 4959",
  secret: true,
  parse(d) {
    d.sp();
    const mechanism = d.word();
    const initial = d.trySp() ? d.atom() : undefined;
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
    const conversation = new Conversation(context, exchange);
    const login = await authenticating(
      mechanism,
      channel,
      () => conversation.run(initial),
      () => conversation.left(),
    );
    await channel.loggedIn(login.account);
    return { code: `CAPABILITY ${capabilityList(channel, session, server)}`, text: "welcome" };
  },
});

/** Carries challenges and answers until the mechanism is done. */
class Conversation {
  /** The mechanism has refused, and the client has yet to answer (RFC 7628 §3.2.3). */
  #refused: AuthError | undefined;

  constructor(readonly context: Context, readonly exchange: SaslExchange) {}

  /** @param initial the initial response as it came @throws {AuthError} */
  async run(initial: string | undefined): Promise<Login> {
    let step = await this.exchange.next(initial === undefined ? undefined : this.#fromBase64(initial));
    while (!step.done) {
      this.#refused = step.failure;
      const answer = await this.#ask(step.challenge);
      if (this.#refused) throw this.#refused;
      step = await this.exchange.next(answer);
    }
    if (step.data && (await this.#ask(step.data)).length > 0) throw this.#fault("malformed", "nothing was left to say");
    return step.login;
  }

  /** What came of it when the client went away. */
  left(): AuthError {
    return this.#refused ?? this.#fault("aborted", "Authentication ended.");
  }

  async #ask(challenge: Uint8Array): Promise<Uint8Array> {
    const { channel, server } = this.context;
    await channel.continuation(encodeBase64(challenge));
    const line = latin1.decode(await channel.line(server.config.limits.timeoutBeforeLogin * 1000));
    if (line === "*") throw this.#fault("aborted", "authentication given up");
    return this.#fromBase64(line);
  }

  /** "=" is an initial response of no bytes (RFC 4959 §3). */
  #fromBase64(text: string): Uint8Array {
    const bytes = text === "=" ? new Uint8Array(0) : decodeBase64(text);
    if (!bytes) throw this.#fault("malformed", "invalid base64");
    return bytes;
  }

  #fault(kind: "malformed" | "aborted", message: string): AuthError {
    return new AuthError(kind, message, { ...this.exchange.tried, cause: this.#refused });
  }
}
