/**
 * `roost-export.json` at the top of an export: which mailbox is in which file or folder, special uses and subscriptions. With it an
 * import needs to guess nothing; without it names are read as any program's.
 */
import { z } from "zod";
import type { SpecialUse } from "../../store/types.ts";
import { readSmall, replaceFile } from "./files.ts";
import type { Report } from "./source.ts";

const FILE = "roost-export.json";

const USES = ["all", "archive", "drafts", "flagged", "important", "junk", "sent", "trash"] as const;
USES satisfies readonly SpecialUse[];

const schema = z.object({
  version: z.literal(1),
  mailboxes: z.array(z.object({
    name: z.string().min(1),
    /** Relative to the manifest, `.` for the top. */
    path: z.string().min(1),
    specialUse: z.array(z.enum(USES)),
  })),
  subscriptions: z.array(z.string().min(1)),
});

export type Manifest = z.output<typeof schema>;
export type ManifestMailbox = Manifest["mailboxes"][number];

/** undefined: there is none, or, told, it is broken. */
export function readManifest(root: string, report: Report): Manifest | undefined {
  const path = `${root}/${FILE}`;
  const text = readSmall(root, path, report);
  if (text === undefined) return undefined;
  try {
    return schema.parse(JSON.parse(text));
  } catch (error) {
    if (!(error instanceof SyntaxError || error instanceof z.ZodError)) throw error;
    report.skipped(path, "it is not what an export writes; names are taken from the files");
    return undefined;
  }
}

/** Mailboxes of an earlier export to the same place stay in it. */
export function writeManifest(root: string, now: Omit<Manifest, "version">, report: Report): void {
  const paths = new Set(now.mailboxes.map(({ path }) => path));
  const earlier = readManifest(root, report)?.mailboxes.filter(({ path }) => !paths.has(path)) ?? [];
  const manifest: Manifest = {
    version: 1,
    mailboxes: [...now.mailboxes, ...earlier],
    subscriptions: now.subscriptions,
  };
  replaceFile(`${root}/${FILE}`, new TextEncoder().encode(`${JSON.stringify(manifest, undefined, 1)}\n`));
}

/** What the manifest says of a path. */
export function manifestEntries(manifest: Manifest | undefined): ReadonlyMap<string, ManifestMailbox> {
  return new Map(manifest?.mailboxes.map((mailbox) => [mailbox.path, mailbox]));
}
