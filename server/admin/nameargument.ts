/** A mailbox's name on the command line. */
import type { MailboxName } from "../../store/types.ts";
import { NoError } from "../imap/errors.ts";
import { mailboxName } from "../imap/wire/names.ts";
import { AdminError } from "./errors.ts";

/** @throws {AdminError} it is none */
export function nameArgument(text: string): MailboxName {
  try {
    return mailboxName(text);
  } catch (error) {
    if (error instanceof NoError) throw new AdminError(error.message, 2);
    throw error;
  }
}
