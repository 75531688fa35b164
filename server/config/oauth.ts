/** `oauth`: its schema. */
import { z } from "zod";

const LOOPBACK: readonly string[] = ["localhost", "127.0.0.1", "[::1]"];

/** An address of HTTP; without TLS only on this machine. */
const httpUrl = z.string().refine((text) => {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname, username, hash } = new URL(text);
  const safe = protocol === "https:" || (protocol === "http:" && LOOPBACK.includes(hostname));
  return safe && username === "" && hash === "";
}, { error: "expected an https URL (http only on this machine)" });

const introspection = z.strictObject({
  url: httpUrl.describe("The issuer's introspection endpoint (RFC 7662)."),
  clientId: z.string().min(1).describe("The name that the issuer knows this server by."),
  clientSecret: z.string().min(1).optional().describe("Its secret; or `clientSecretFile`."),
  clientSecretFile: z.string().min(1).optional().describe("A file that has the secret, read at start."),
  cacheSeconds: z.number().min(0).max(3600).default(60).meta({ unit: "seconds" }).describe(
    "How long the issuer's word on a token is believed; a token that was withdrawn lets in for so long.",
  ),
}).superRefine(({ clientSecret, clientSecretFile }, context) => {
  if ((clientSecret === undefined) === (clientSecretFile === undefined)) {
    context.addIssue({ code: "custom", path: ["clientSecret"], message: "either this or clientSecretFile is needed" });
  }
});

export const oauthSchema = z.strictObject({
  issuer: httpUrl.describe("Who signs the tokens: the `iss` in them, letter by letter."),
  audience: z.array(z.string().min(1)).prefault([]).describe(
    "Names of this server as tokens have them in `aud`; one of them must be there. Required without `introspection`: what was issued " +
      "for another service must not open mail.",
  ),
  jwks: httpUrl.optional().describe(
    "Where the issuer publishes its keys. Without this and `introspection`: where its /.well-known/openid-configuration says.",
  ),
  introspection: introspection.optional().describe("Ask the issuer about each token; for tokens that are not signed."),
  claim: z.string().min(1).default("email").describe(
    "The claim that is the account's address. Take one that users cannot choose freely.",
  ),
  scope: z.string().regex(/^[!#-[\]-~]+$/, { error: "expected one scope" }).optional().describe(
    "A scope that tokens must have; clients are told to ask for it.",
  ),
}).superRefine(({ audience, jwks, introspection }, context) => {
  const fault = (key: string, message: string) => context.addIssue({ code: "custom", path: [key], message });
  if (jwks !== undefined && introspection !== undefined) fault("jwks", "and introspection exclude each other");
  if (audience.length === 0 && introspection === undefined) fault("audience", "is missing");
});

export type OAuthConfig = z.output<typeof oauthSchema>;

/** With paths made absolute. */
export function withAbsoluteOAuthPaths(oauth: OAuthConfig, absolute: (path: string) => string): OAuthConfig {
  const { introspection } = oauth;
  if (introspection?.clientSecretFile === undefined) return oauth;
  const clientSecretFile = absolute(introspection.clientSecretFile);
  return { ...oauth, introspection: { ...introspection, clientSecretFile } };
}
