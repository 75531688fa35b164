/** What a client is told at the end of a command, in IDLE, and between commands where it asked for that. */
import type { Look } from "../../store/store.ts";
import type { Context } from "./command.ts";
import { tellMetadata } from "./metadatanotice.ts";
import { refreshRights } from "./refresh.ts";
import { tell, tellDelayed } from "./tell.ts";

/** As `tell`, and what NOTIFY wants to be told of other mailboxes. Afterwards the session holds nothing that it does not need. */
export async function tellAll(context: Context, expunges: boolean, owed = false, look: Look = "all"): Promise<void> {
  const { session } = context;
  const refreshed = refreshRights(context);
  if (refreshed) await refreshed;
  await tell(context, expunges, owed, look);
  tellDelayed(context);
  await session.notify?.look(context);
  await tellMetadata(context);
  if (session.uidOnly) session.selected?.rest();
}
