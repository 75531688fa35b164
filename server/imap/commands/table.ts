/** All commands by name. */
import type { Command } from "../command.ts";
import { BadError } from "../errors.ts";
import type { Decoder } from "../wire/decoder.ts";
import { append } from "./append.ts";
import { authenticate } from "./authenticate.ts";
import { cancelUpdate } from "./cancelupdate.ts";
import { capability } from "./capability.ts";
import { check } from "./check.ts";
import { close } from "./close.ts";
import { comparator } from "./comparator.ts";
import { compress } from "./compress.ts";
import { copy } from "./copy.ts";
import { create } from "./create.ts";
import { deleteMailbox } from "./delete.ts";
import { enable } from "./enable.ts";
import { esearch } from "./esearch.ts";
import { expunge } from "./expunge.ts";
import { fetch } from "./fetch.ts";
import { getAcl, listRights, myRights } from "./getacl.ts";
import { getMetadata } from "./getmetadata.ts";
import { getQuota } from "./getquota.ts";
import { getQuotaRoot } from "./getquotaroot.ts";
import { id } from "./id.ts";
import { idle } from "./idle.ts";
import { language } from "./language.ts";
import { list } from "./list.ts";
import { login } from "./login.ts";
import { logout } from "./logout.ts";
import { lsub } from "./lsub.ts";
import { move } from "./move.ts";
import { namespace } from "./namespace.ts";
import { noop } from "./noop.ts";
import { notify } from "./notify.ts";
import { rename } from "./rename.ts";
import { replace } from "./replace.ts";
import { search } from "./search.ts";
import { examine, select } from "./select.ts";
import { deleteAcl, setAcl } from "./setacl.ts";
import { setMetadata } from "./setmetadata.ts";
import { setQuota } from "./setquota.ts";
import { sort } from "./sort.ts";
import { startTls } from "./starttls.ts";
import { status } from "./status.ts";
import { store } from "./store.ts";
import { subscribe, unsubscribe } from "./subscribe.ts";
import { thread } from "./thread.ts";
import { uidBatches } from "./uidbatches.ts";
import { unauthenticate } from "./unauthenticate.ts";
import { unselect } from "./unselect.ts";
import { xlist } from "./xlist.ts";

export const COMMANDS: readonly Command[] = [
  append,
  authenticate,
  cancelUpdate,
  capability,
  check,
  close,
  comparator,
  compress,
  copy,
  create,
  deleteAcl,
  deleteMailbox,
  enable,
  esearch,
  examine,
  expunge,
  fetch,
  getAcl,
  getMetadata,
  getQuota,
  getQuotaRoot,
  id,
  idle,
  language,
  list,
  listRights,
  login,
  logout,
  lsub,
  move,
  myRights,
  namespace,
  noop,
  notify,
  rename,
  replace,
  search,
  select,
  setQuota,
  setAcl,
  setMetadata,
  sort,
  startTls,
  status,
  store,
  subscribe,
  thread,
  unauthenticate,
  unsubscribe,
  uidBatches,
  unselect,
  xlist,
];

const byName = new Map(COMMANDS.map((command) => [command.name, command]));

export interface Found {
  readonly definition: Command;
  readonly uid: boolean;
  /** "UID FETCH": for answers, logs, metrics. */
  readonly label: string;
}

/** Reads a command's name, `UID` before it included. @throws {BadError} there is no such command */
export function findCommand(decoder: Decoder): Found {
  let name = decoder.word();
  const uid = name === "UID";
  if (uid) {
    decoder.sp();
    name = decoder.word();
  }
  const definition = byName.get(name);
  if (!definition || (uid && !definition.uid) || (!uid && definition.uid === "only")) {
    throw new BadError(undefined, "unknown command");
  }
  return { definition, uid, label: uid ? `UID ${name}` : name };
}
