/** Which mailbox a delivered message goes to. It always finds one: mail is never refused for a folder's sake. */
import type { MailStore } from "../../store/store.ts";
import { type MailboxName, StoreError } from "../../store/types.ts";
import { NoError } from "../imap/errors.ts";
import { mailboxName } from "../imap/wire/names.ts";

const INBOX = "INBOX" as MailboxName;

/**
 * Junk to the mailbox with the special use \Junk; else the mailbox that the address names, in any case of its letters; else INBOX.
 * @param createFolders make the mailbox that the address names
 */
export async function destination(
  mail: MailStore,
  { folder, junk, createFolders }: { folder: string; junk: boolean; createFolders: boolean },
): Promise<MailboxName> {
  if (!junk && folder === "") return INBOX;
  const mailboxes = await mail.mailboxes();
  const junkMailbox = junk && mailboxes.find(({ specialUse }) => specialUse.includes("junk"));
  if (junkMailbox) return junkMailbox.name;
  const name = checkedName(folder);
  if (name === undefined) return INBOX;
  const exact = mailboxes.find((mailbox) => mailbox.name === name);
  const folded = fold(name);
  const found = exact ?? mailboxes.find((mailbox) => fold(mailbox.name) === folded);
  if (found || !createFolders) return found?.name ?? INBOX;
  return await made(mail, name) ? name : INBOX;
}

function fold(name: string): string {
  return name.toLowerCase().normalize("NFC");
}

function checkedName(folder: string): MailboxName | undefined {
  try {
    return mailboxName(folder);
  } catch (error) {
    if (error instanceof NoError) return undefined;
    throw error;
  }
}

async function made(mail: MailStore, name: MailboxName): Promise<boolean> {
  try {
    await mail.createMailbox(name);
    return true;
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    if (error.fault === "alreadyexists") return true; // another delivery was faster
    if (error.fault === "diskfull" || error.fault === "inuse") throw error;
    return false;
  }
}
