/** All commands by name. */
import type { Command } from "../command.ts";
import { BadError } from "../errors.ts";
import type { Decoder } from "../wire/decoder.ts";
import { append } from "./append.ts";
import { authenticate } from "./authenticate.ts";
import { capability } from "./capability.ts";
import { check } from "./check.ts";
import { close } from "./close.ts";
import { compress } from "./compress.ts";
import { copy } from "./copy.ts";
import { create } from "./create.ts";
import { deleteMailbox } from "./delete.ts";
import { enable } from "./enable.ts";
import { expunge } from "./expunge.ts";
import { fetch } from "./fetch.ts";
import { getQuota } from "./getquota.ts";
import { getQuotaRoot } from "./getquotaroot.ts";
import { id } from "./id.ts";
import { idle } from "./idle.ts";
import { list } from "./list.ts";
import { login } from "./login.ts";
import { logout } from "./logout.ts";
import { lsub } from "./lsub.ts";
import { move } from "./move.ts";
import { namespace } from "./namespace.ts";
import { noop } from "./noop.ts";
import { rename } from "./rename.ts";
import { search } from "./search.ts";
import { examine, select } from "./select.ts";
import { status } from "./status.ts";
import { store } from "./store.ts";
import { subscribe, unsubscribe } from "./subscribe.ts";
import { unselect } from "./unselect.ts";

export const COMMANDS: readonly Command[] = [
  append,
  authenticate,
  capability,
  check,
  close,
  compress,
  copy,
  create,
  deleteMailbox,
  enable,
  examine,
  expunge,
  fetch,
  getQuota,
  getQuotaRoot,
  id,
  idle,
  list,
  login,
  logout,
  lsub,
  move,
  namespace,
  noop,
  rename,
  search,
  select,
  status,
  store,
  subscribe,
  unsubscribe,
  unselect,
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
