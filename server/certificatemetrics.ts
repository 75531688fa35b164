/** When the certificates expire, among the metrics. The names are those of our own certificates, so their number is bounded. */
import { X509Certificate } from "node:crypto";
import { certificatesChanged } from "./metrics.ts";
import type { CertificateSource } from "./net/tls/engine.ts";

/** Tells the metrics now and after each change. @returns what ends it */
export function measureCertificates(source: CertificateSource): () => void {
  const tell = () => certificatesChanged(expiries(source));
  tell();
  const forget = source.onChange(tell);
  return () => forget?.();
}

function expiries({ pairs }: CertificateSource): Map<string, number> {
  const found = new Map<string, number>();
  for (const { cert } of pairs) {
    const { subjectAltName = "", validTo } = new X509Certificate(cert);
    for (const [, name] of subjectAltName.matchAll(/DNS:([^,]+)/g)) {
      if (!found.has(name)) found.set(name, Date.parse(validTo) / 1000);
    }
  }
  return found;
}
