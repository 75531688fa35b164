/** From `oauth` to what the authenticator needs of it. */
import type { OAuthOptions } from "../../auth/authenticator.ts";
import type { Fault, LoadedConfig } from "./load.ts";
import { reason } from "../reason.ts";
import type { OAuthConfig } from "./oauth.ts";

/** Whether the secret can be read. */
export async function checkOAuth({ config, fault }: LoadedConfig): Promise<Fault[]> {
  try {
    if (config.oauth) await oauthOptions(config.oauth);
    return [];
  } catch (error) {
    if (!(error instanceof SecretError)) throw error;
    return [fault(["oauth", "introspection", "clientSecretFile"], error.message)];
  }
}

class SecretError extends Error {
  override readonly name = "SecretError";
}

/** @throws {SecretError} the file with the client secret cannot be used, in words for the administrator */
export async function oauthOptions({ introspection, ...rest }: OAuthConfig): Promise<OAuthOptions> {
  if (introspection === undefined) return rest;
  const { url, clientId, clientSecret, clientSecretFile = "", cacheSeconds } = introspection;
  const secret = clientSecret ?? await secretFrom(clientSecretFile);
  return { ...rest, introspection: { url, clientId, clientSecret: secret, cacheSeconds } };
}

async function secretFrom(file: string): Promise<string> {
  let text: string;
  try {
    text = await Deno.readTextFile(file);
  } catch (error) {
    throw new SecretError(`${file} cannot be read: ${reason(error)}`);
  }
  const secret = text.replace(/\r?\n$/, "");
  if (secret === "" || /\p{Cc}/u.test(secret)) throw new SecretError(`${file} is not one line with a secret`);
  return secret;
}
