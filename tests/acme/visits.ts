/** How an authority sees whether a name is ours: it goes there and looks. */
import "reflect-metadata";
import { Extension, SubjectAlternativeNameExtension, X509Certificate } from "@peculiar/x509";
import { runProgram } from "../support/server.ts";

/** @throws Error with why it is not proven */
export type Visit = (name: string, token: string, keyAuthorization: string) => Promise<void>;

/** RFC 8555 §8.3 */
export function visitHttp(port: (name: string) => number | Promise<number>): Visit {
  return async (name, token, keyAuthorization) => {
    using client = Deno.createHttpClient({ allowHost: true });
    const url = `http://127.0.0.1:${await port(name)}/.well-known/acme-challenge/${token}`;
    const response = await fetch(url, { client, headers: { host: name } });
    const body = await response.text();
    if (response.status !== 200) throw new Error(`HTTP answers ${response.status}`);
    if (body.trimEnd() !== keyAuthorization) throw new Error("the key authorization is another");
  };
}

/** RFC 8737 §3 */
export function visitTls(port: (name: string) => number | Promise<number>): Visit {
  return async (name, _token, keyAuthorization) => {
    const place = `127.0.0.1:${await port(name)}`;
    const words = ["openssl", "s_client", "-connect", place, "-servername", name, "-alpn", "acme-tls/1"];
    const text = await said(words);
    if (!/^ALPN protocol: acme-tls\/1$/m.test(text)) throw new Error(`no acme-tls/1: ${text}`);
    const certificate = new X509Certificate(certificateIn(text));
    const names = certificate.getExtension(SubjectAlternativeNameExtension)?.names.items ?? [];
    if (names.length !== 1 || names[0].type !== "dns" || names[0].value !== name) {
      throw new Error(`it is for ${names.map(({ value }) => value)}`);
    }
    const identifier = certificate.extensions.find(({ type }: Extension) => type === "1.3.6.1.5.5.7.1.31");
    if (!identifier?.critical) throw new Error("no critical acmeIdentifier");
    const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(keyAuthorization));
    const expected = `0420${new Uint8Array(digest).toHex()}`;
    const found = new Uint8Array(identifier.value).toHex();
    if (found !== expected) throw new Error(`acmeIdentifier is ${found}, not ${expected}`);
  };
}

/** What `openssl s_client` tells of a handshake. */
export async function said(words: readonly string[]): Promise<string> {
  const { stdout, stderr } = await runProgram(words, "");
  return new TextDecoder().decode(stdout) + stderr;
}

/** The server's certificate in that, PEM. */
export function certificateIn(text: string): string {
  const pem = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/.exec(text)?.[0];
  if (pem === undefined) throw new Error(`no certificate: ${text}`);
  return pem;
}
