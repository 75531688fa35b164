/** Where a configuration has its certificates and keys. */
import type { Config } from "./schema.ts";

/** Where a pair is kept: two paths, which may be one file. */
export interface PairFiles {
  readonly cert: string;
  readonly key: string;
}

/** The files of a configuration, the default pair first; where they stand in it. */
export function pairFiles(
  { cert, key, certificates }: Config["tls"],
): { files: PairFiles; path: readonly (string | number)[] }[] {
  const further = certificates.map((files, at) => ({ files, path: ["tls", "certificates", at] }));
  return cert === undefined || key === undefined ? further : [{ files: { cert, key }, path: ["tls"] }, ...further];
}
