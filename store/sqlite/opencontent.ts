/** A message's bytes, from the database or from their file. */
import { type ByteSource, memorySource } from "../mime/source.ts";
import type { EmailId } from "../types.ts";
import { FileSource } from "./content.ts";
import type { AccountDatabase } from "./database.ts";
import type { AccountHandle } from "./handle.ts";
import { sql } from "./statements.ts";

const CONTENT = sql(`SELECT header.bytes, content.bytes, content.file FROM content
  JOIN header ON header.email_id = content.email_id WHERE content.email_id = ?`);

/** undefined: gone. The file stays while the source is open. */
export function openContent(
  db: Pick<AccountDatabase, "row">,
  handle: Pick<AccountHandle, "content" | "hold">,
  email: EmailId,
): (ByteSource & Disposable) | undefined {
  const row = db.row<[Uint8Array, Uint8Array | null, string | null]>(CONTENT, email);
  if (!row) return undefined;
  const [header, body, file] = row;
  if (file !== null) return openFile(db, handle, file, email);
  const bytes = new Uint8Array(header.length + (body?.length ?? 0));
  bytes.set(header);
  if (body) bytes.set(body, header.length);
  return { ...memorySource(bytes), [Symbol.dispose]() {} };
}

function openFile(
  db: Pick<AccountDatabase, "row">,
  handle: Pick<AccountHandle, "content" | "hold">,
  file: string,
  email: EmailId,
): FileSource | undefined {
  const letGo = handle.hold();
  try {
    return FileSource.open(`${handle.content}/${file}`, letGo);
  } catch (error) {
    letGo();
    // Another thread or process has purged it in this very moment.
    if (error instanceof Deno.errors.NotFound && !db.row(CONTENT, email)) return undefined;
    throw error;
  }
}
