/** A directory of its own for each test. */
import assert from "node:assert/strict";
import type { Directory } from "../../store/store.ts";
import { SqliteAcl } from "../../store/sqlite/acl.ts";
import { openDirectory, type SqliteDirectory } from "../../store/sqlite/directory.ts";
import { type AccountId, StoreError, type StoreFault } from "../../store/types.ts";

export type Opened = SqliteDirectory;

export function directoryTest(name: string, test: (directory: Opened, dataDir: string) => Promise<void>): void {
  Deno.test(name, async () => {
    const dataDir = await Deno.makeTempDir({ prefix: "roost-directory-" });
    const directory = openDirectory(dataDir);
    try {
      await test(directory, dataDir);
    } finally {
      directory.close();
      await Deno.remove(dataDir, { recursive: true });
    }
  });
}

/** Its access control lists; nobody hears of changes. */
export function openAcl({ access }: Opened): SqliteAcl {
  return new SqliteAcl(access, { ring: () => {}, listen: () => () => {}, listenAll: () => () => {} });
}

export async function add(directory: Directory, ...addresses: string[]) {
  return await directory.add(addresses.map((address) => ({ address, credentials: { "cram-md5": `of ${address}` } })));
}

export async function refused(work: Promise<unknown>, fault: StoreFault, message?: RegExp): Promise<void> {
  await assert.rejects(work, (error) => {
    assert.ok(error instanceof StoreError);
    assert.equal(error.fault, fault);
    if (message) assert.match(error.message, message);
    return true;
  });
}

export const NOBODY = 4711 as AccountId;
