/** The thread of checkpoints.ts: told the path of a database, it copies that one's log into it and says what went wrong. */
import { DatabaseSync } from "node:sqlite";

const thread = globalThis as unknown as {
  onmessage: (event: MessageEvent<string>) => void;
  postMessage(fault: string): void;
};

thread.onmessage = ({ data: path }) => thread.postMessage(checkpoint(path));

/** @returns the fault, "" for none */
function checkpoint(path: string): string {
  try {
    Deno.lstatSync(path); // opening would make what is not there
    const db = new DatabaseSync(path);
    try {
      db.exec("PRAGMA wal_checkpoint(PASSIVE)");
    } finally {
      db.close();
    }
    return "";
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
