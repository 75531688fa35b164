/** Reads and changes a Maildir as a mail reader would. */
import { characters } from "./observer.ts";

export interface MaildirMessage {
  readonly path: string;
  /** Letters after `:2,`, sorted. */
  readonly flags: string;
  /** One character a byte. */
  readonly content: string;
  readonly subject: string;
}

export async function makeMaildir(path: string): Promise<string> {
  for (const part of ["cur", "new", "tmp"]) await Deno.mkdir(`${path}/${part}`, { recursive: true, mode: 0o700 });
  return path;
}

/** All messages, sorted by subject. */
export async function readMaildir(path: string): Promise<MaildirMessage[]> {
  const found: MaildirMessage[] = [];
  for (const part of ["cur", "new"]) {
    for await (const { name, isFile } of Deno.readDir(`${path}/${part}`)) {
      if (!isFile) continue;
      const file = `${path}/${part}/${name}`;
      const content = characters(await Deno.readFile(file));
      const subject = /^Subject: (.*?)\r?$/m.exec(content)?.[1] ?? "";
      const flags = [...(name.split(":2,")[1] ?? "")].sort().join("");
      found.push({ path: file, flags, content, subject });
    }
  }
  return found.sort((a, b) => (a.subject < b.subject ? -1 : 1));
}

/** Gives the message of this subject other flag letters. */
export async function setMaildirFlags(path: string, subject: string, flags: string): Promise<void> {
  const message = await maildirMessage(path, subject);
  const name = message.path.slice(message.path.lastIndexOf("/") + 1).split(":2,")[0];
  await Deno.rename(message.path, `${path}/cur/${name}:2,${flags}`);
}

export async function maildirMessage(path: string, subject: string): Promise<MaildirMessage> {
  const message = (await readMaildir(path)).find((candidate) => candidate.subject === subject);
  if (message === undefined) throw new Error(`no message "${subject}" in ${path}`);
  return message;
}

/** Files a new message with LF line ends, as a Maildir holds it. */
export async function addToMaildir(path: string, content: string, flags = "S"): Promise<void> {
  const name = `${Math.floor(Date.now() / 1000)}.${crypto.randomUUID()}.test`;
  const text = content.replaceAll("\r\n", "\n");
  await Deno.writeFile(`${path}/cur/${name}:2,${flags}`, Uint8Array.from(text, (c) => c.charCodeAt(0)));
}

/** CRLF to LF. */
export function local(content: string): string {
  return content.replaceAll("\r\n", "\n");
}
