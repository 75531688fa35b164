/** The list of accounts that `roost sync --batch` reads: URL, password and address, with tabs between. */
import { parseSourceAddress, type SourceAddress } from "../sync/url.ts";
import { AdminError } from "./errors.ts";
import { secretFile } from "./password.ts";

export interface BatchEntry {
  readonly from: SourceAddress;
  readonly to: string;
  /** undefined: the one that was given for all. */
  readonly password?: string;
}

/** Empty lines and those that begin with `#` say nothing. @throws {AdminError} naming the line */
export function readBatch(path: string, text: string): BatchEntry[] {
  const entries: BatchEntry[] = [];
  for (const [at, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === "" || line.startsWith("#")) continue;
    const place = `${path}, line ${at + 1}`;
    const [url, password, to, ...more] = line.split("\t");
    if (to === undefined || to === "" || more.length > 0) {
      throw new AdminError(`${place}: it must be URL, password and address with tabs between`);
    }
    try {
      entries.push({ from: parseSourceAddress(url), to, password: passwordOf(password) });
    } catch (error) {
      if (error instanceof RangeError || error instanceof AdminError) {
        throw new AdminError(`${place}: ${error.message}`);
      }
      throw error;
    }
  }
  if (entries.length === 0) throw new AdminError(`${path} names no accounts`);
  return entries;
}

function passwordOf(text: string): string | undefined {
  if (text === "") return undefined;
  return text.startsWith("file:") ? secretFile(text.slice("file:".length)) : text;
}
