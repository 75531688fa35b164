/**
 * OAUTHBEARER (RFC 7628) and XOAUTH2 (Google's, which came before it), server side. A refused token is explained in a JSON
 * challenge; whatever the client answers, the exchange has failed then.
 */
import { getLogger } from "@logtape/logtape";
import type { Gate } from "../gate.ts";
import { parseGs2Header, saslName } from "../gs2.ts";
import { type AuthError, type Client, malformed, type Mechanism, messageText, type SaslStep } from "../types.ts";
import type { TokenRefusal } from "./claims.ts";
import { IssuerFault } from "./http.ts";
import type { TokenChecker } from "./tokens.ts";

export interface BearerMessage {
  /** The account that is asked for; "": the token's own. */
  readonly user: string;
  /** "": the client only asks where to get one. */
  readonly token: string;
}

interface Variant {
  readonly parse: (text: string, client: Client) => BearerMessage;
  /** What a refused client is told, as JSON. */
  readonly explain: (refused: TokenRefusal, help: TokenChecker["help"]) => Record<string, string | undefined>;
}

const log = getLogger(["roost", "auth"]);

const KV_SEPARATOR = "\x01";

const OAUTHBEARER: Variant = {
  parse: parseOAuthBearer,
  explain: (status, { scope, configuration }) => ({ status, scope, "openid-configuration": configuration }),
};

const XOAUTH2: Variant = {
  parse: parseXOAuth2,
  explain: (_refused, { scope = "" }) => ({ status: "401", schemes: "bearer", scope }),
};

export function oauthBearerMechanism(gate: Gate, tokens: TokenChecker): Mechanism {
  return bearerMechanism(gate, tokens, OAUTHBEARER);
}

export function xoauth2Mechanism(gate: Gate, tokens: TokenChecker): Mechanism {
  return bearerMechanism(gate, tokens, XOAUTH2);
}

function bearerMechanism(gate: Gate, tokens: TokenChecker, { parse, explain }: Variant): Mechanism {
  let failure: AuthError | undefined;

  function refuse(error: AuthError, refused: TokenRefusal): SaslStep {
    failure = error;
    const challenge = new TextEncoder().encode(JSON.stringify(explain(refused, tokens.help)));
    return { done: false, challenge, failure };
  }

  return {
    async next(data): Promise<SaslStep> {
      if (failure !== undefined) throw failure;
      if (data === undefined) return { done: false, challenge: new Uint8Array() };
      const { user, token } = parse(messageText(data), gate.client);
      if (user !== "") await gate.account(user);
      if (token === "") return refuse(gate.error("credentials", "A token is needed."), "invalid_token");
      await gate.admit();
      const result = await checked(gate, tokens, token);
      if ("refused" in result) return refuse(await gate.failed("The token is not accepted."), result.refused);
      const account = await gate.account(result.user);
      if (account === undefined) return refuse(await gate.failed("The token is not accepted."), "invalid_token");
      return { done: true, login: await gate.accept(account, user) };
    },
  };
}

async function checked(gate: Gate, tokens: TokenChecker, token: string) {
  try {
    return await tokens.check(token);
  } catch (error) {
    if (!(error instanceof IssuerFault)) throw error;
    log.error("tokens cannot be checked: {error}", { error });
    throw gate.error("temporary", "Tokens cannot be checked just now; try again later.");
  }
}

/** `n,a=user,^Ahost=…^Aport=…^Aauth=Bearer token^A^A` (RFC 7628 §3.1). @throws {AuthError} malformed */
export function parseOAuthBearer(text: string, client: Pick<Client, "tls">): BearerMessage {
  const gs2 = parseGs2Header(text);
  if (gs2 === undefined) throw malformed("a GS2 header was expected");
  // No mechanism of this family binds; a client that could need not fear for it.
  if (gs2.flag === "p") throw malformed("OAUTHBEARER does not bind channels");
  const user = saslName(gs2.authzid);
  if (user === undefined) throw malformed("the account's name has wrong escapes");
  const pairs = parsePairs(text.slice(gs2.header.length));
  const [host, serverName] = [pairs.get("host"), client.tls?.serverName];
  if (host !== undefined && serverName !== undefined && host.toLowerCase() !== serverName.toLowerCase()) {
    throw malformed("its host is not the one of the TLS connection"); // RFC 7628 §3.2
  }
  return { user, token: bearerToken(pairs.get("auth")) };
}

/** `user=address^Aauth=Bearer token^A^A`. @throws {AuthError} malformed */
export function parseXOAuth2(text: string): BearerMessage {
  const pairs = parsePairs(KV_SEPARATOR + text);
  const user = pairs.get("user") ?? "";
  if (user.includes("\0")) throw malformed("there is a NUL in it");
  return { user, token: bearerToken(pairs.get("auth")) };
}

/** `^A key=value ^A key=value ^A ^A`: each pair has a separator behind it, and the list has one in front and one behind. */
function parsePairs(text: string): Map<string, string> {
  const fields = text.split(KV_SEPARATOR);
  const complete = fields.length >= 3 && fields.shift() === "" && fields.pop() === "" && fields.pop() === "";
  if (!complete) throw malformed("key=value pairs were expected, with ^A behind each and at the end");
  const pairs = new Map<string, string>();
  for (const field of fields) {
    const equals = field.indexOf("=");
    const key = field.slice(0, equals);
    if (equals < 1 || !/^[A-Za-z]+$/.test(key)) throw malformed("a field is no key=value");
    if (pairs.has(key)) throw malformed("a key is there twice");
    pairs.set(key, field.slice(equals + 1));
  }
  return pairs;
}

/** The credentials of RFC 6750 §2.1. */
function bearerToken(value: string | undefined): string {
  if (value === undefined) throw malformed("there is no auth field");
  if (value === "") return "";
  const [scheme, token, more] = value.split(" ");
  if (scheme.toLowerCase() !== "bearer" || more !== undefined) throw malformed("a bearer token was expected");
  if (!/^[A-Za-z0-9._~+/-]*=*$/.test(token ?? "")) throw malformed("the token has characters that no token has");
  return token ?? "";
}
