/** Whose a mailbox is. */
import type { FoundPlace } from "./access.ts";
import type { Context } from "./command.ts";

type Asking = Pick<Context, "server" | "session">;

/** The address that the owner logs in with; "" where the account has gone meanwhile. */
export async function ownerAddress({ server, session }: Asking, { mail }: FoundPlace): Promise<string> {
  if (mail.account === session.account?.id) return session.account.address;
  return (await server.store.directory.get(mail.account))?.address ?? "";
}

/** The identifier means the mailbox's owner. */
export async function isOwner({ server }: Asking, { mail }: FoundPlace, identifier: string): Promise<boolean> {
  return (await server.store.directory.find(identifier))?.id === mail.account;
}
