/** Whether the listeners let an authority see that the names of `tls.acme` are ours, and what else keeps certificates from coming. */
import { CHALLENGE_TYPES, type ChallengeType } from "./challengetypes.ts";
import type { Fault, LoadedConfig } from "./load.ts";
import { reason } from "../reason.ts";
import type { Config } from "./schema.ts";

/** The challenges that can be answered, the preferred first. @param openSsl whether TLS is OpenSSL's: Deno's cannot do TLS-ALPN-01 */
export function challengeTypes(
  { tls, listeners }: Pick<Config, "tls" | "listeners">,
  openSsl: boolean,
): ChallengeType[] {
  const possible = CHALLENGE_TYPES.filter((type) => type === "http-01" || openSsl);
  const wanted = tls.acme?.challenges;
  if (wanted) return wanted.filter((type) => possible.includes(type));
  const visited = { "http-01": [80, ["http"]], "tls-alpn-01": [443, ["https", "imaps"]] } as const;
  return possible.filter((type) => {
    const [visitedPort, protocols] = visited[type];
    return listeners.some(({ protocol, port }) =>
      port === visitedPort && protocols.some((answering) => answering === protocol)
    );
  });
}

/** What keeps certificates from coming. */
export async function checkAcme(
  { config, fault }: LoadedConfig,
): Promise<{ readonly faults: Fault[]; readonly warnings: Fault[] }> {
  const faults: Fault[] = [];
  const warnings: Fault[] = [];
  const { acme, engine } = config.tls;
  if (!acme) return { faults, warnings };
  const files: [string | undefined, string[]][] = [
    [acme.caFile, ["tls", "acme", "caFile"]],
    [acme.externalAccount?.hmacKeyFile, ["tls", "acme", "externalAccount", "hmacKeyFile"]],
  ];
  for (const [file, path] of files) {
    try {
      if (file !== undefined) await Deno.readTextFile(file);
    } catch (error) {
      faults.push(fault(path, `${file} cannot be read: ${reason(error)}`));
    }
  }
  if (challengeTypes(config, engine !== "deno").length === 0) {
    const tls = engine === "deno" ? "" : ", or an https or imaps listener on port 443";
    const needed = `an http listener on port 80${tls}; or \`challenges\`, where ports are forwarded`;
    warnings.push(fault(["tls", "acme"], `no certificate will come, for the authority's visit needs ${needed}`));
  }
  if (engine === "deno" && acme.hostnames.length > 1) {
    warnings.push(fault(["tls", "acme", "hostnames"], "with tls.engine deno all clients see the first's certificate"));
  }
  if (!acme.agreeTerms && acme.caFile === undefined) {
    warnings.push(fault(["tls", "acme"], "most authorities give no certificate without agreeTerms: true"));
  }
  return { faults, warnings };
}
