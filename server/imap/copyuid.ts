/** The response code COPYUID (RFC 9051 §7.1, RFC 4315 §3). */
import type { Copied } from "../../store/store.ts";
import { formatRanges, rangesOf } from "./wire/sequence.ts";

/** undefined: nothing was copied, and nothing is to be said. */
export function copyUid({ destination, sourceUids, destinationUids }: Copied): string | undefined {
  if (sourceUids.length === 0) return undefined;
  const from = formatRanges(rangesOf(sourceUids));
  const to = formatRanges(rangesOf(destinationUids));
  return `COPYUID ${destination.uidValidity} ${from} ${to}`;
}
