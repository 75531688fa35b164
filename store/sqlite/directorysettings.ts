/** Server-wide values in directory.db. */
import type { DirectoryDatabase } from "./directorydatabase.ts";

const SETTING = "SELECT value FROM setting WHERE name = ?";
export const SET_SETTING =
  "INSERT INTO setting (name, value) VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value";

export class DirectorySettings {
  constructor(private readonly access: DirectoryDatabase) {}

  async get(name: string): Promise<string | undefined> {
    return (await this.access.read((db) => db.row<[string]>(SETTING, name)))?.[0];
  }

  async set(name: string, value: string): Promise<void> {
    await this.access.write((db) => db.run(SET_SETTING, name, value));
  }
}
