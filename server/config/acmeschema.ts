/** The configuration's key `tls.acme`. */
import { isIP } from "node:net";
import { z } from "zod";
import { CHALLENGE_TYPES } from "./challengetypes.ts";

const HOST_NAME = /^(?=.{1,253}$)([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;
const LETS_ENCRYPT = "https://acme-v02.api.letsencrypt.org/directory";

const hostname = z.string().transform((text) => text.toLowerCase()).pipe(
  z.string().regex(HOST_NAME, { error: "expected a host name, without wildcards; others than ASCII as xn--…" })
    .refine((text) => isIP(text) === 0, { error: "expected a host name, not an IP address" }),
);

export const acmeSchema = z.strictObject({
  directory: z.url({ protocol: /^https$/, error: "expected an https:// URL" }).default(LETS_ENCRYPT).describe(
    "The authority's ACME directory. Let's Encrypt's for trials is https://acme-staging-v02.api.letsencrypt.org/directory.",
  ),
  agreeTerms: z.boolean().default(false).describe("You agree to the authority's terms of service; most ask for it."),
  email: z.email({ error: "expected a mail address" }).optional().describe("Where the authority can reach you."),
  hostnames: z.array(hostname).min(1).refine((names) => new Set(names).size === names.length, {
    error: "a name stands there twice",
  }).describe("The names to get a certificate for, one for each. Clients that ask for none of them see the first's."),
  challenges: z.array(z.enum(CHALLENGE_TYPES)).min(1).optional().describe(
    "How the authority may check the names, the preferred first: `http-01` visits port 80, where an `http` listener answers; " +
      "`tls-alpn-01` visits port 443, where an `https` or `imaps` listener does. By default those that a listener on that port " +
      "can answer; name them where the ports are forwarded.",
  ),
  caFile: z.string().min(1).optional().describe(
    "Roots, PEM, that the authority's own server is trusted by; for private ones.",
  ),
  externalAccount: z.strictObject({
    keyId: z.string().min(1).describe("The key's identifier."),
    hmacKeyFile: z.string().min(1).describe("File with the key, base64."),
  }).optional().describe("The account that you have at the authority already, where it asks for one."),
});

export type AcmeConfig = z.output<typeof acmeSchema>;

/** With paths made absolute. */
export function withAbsoluteAcmePaths(acme: AcmeConfig, absolute: (path: string) => string): AcmeConfig {
  const { caFile, externalAccount } = acme;
  return {
    ...acme,
    ...(caFile !== undefined && { caFile: absolute(caFile) }),
    ...(externalAccount && {
      externalAccount: { ...externalAccount, hmacKeyFile: absolute(externalAccount.hmacKeyFile) },
    }),
  };
}

/** The files that it names. */
export function acmeFiles(acme: AcmeConfig | undefined): string[] {
  return [acme?.caFile, acme?.externalAccount?.hmacKeyFile].filter((file) => file !== undefined);
}
