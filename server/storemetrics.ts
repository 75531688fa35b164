/** The store, with each operation counted and timed. What reads memory alone (`index`, `pin`) is not. */
import type { Directory, MailStore, Store } from "../store/store.ts";
import { type AccountId, StoreError } from "../store/types.ts";
import { storeDone } from "./metrics.ts";

/** A store that does what `store` does, and counts. */
export function measuredStore(store: Store): Store {
  const handles = new WeakMap<MailStore, MailStore>();
  return {
    directory: measuredDirectory(store.directory),
    bell: store.bell,
    mail(account: AccountId) {
      const mail = store.mail(account);
      let handle = handles.get(mail);
      if (!handle) handles.set(mail, handle = measuredMail(mail));
      return handle;
    },
    close: () => store.close(),
  };
}

function measuredDirectory(directory: Directory): Directory {
  const timed = timing(directory);
  return {
    add: timed("add"),
    remove: timed("remove"),
    list: timed("list"),
    find: timed("find"),
    get: timed("get"),
    credentials: timed("credentials"),
    setCredentials: timed("setCredentials"),
    setDisabled: timed("setDisabled"),
    setQuota: timed("setQuota"),
    setting: timed("setting"),
    setSetting: timed("setSetting"),
  };
}

function measuredMail(mail: MailStore): MailStore {
  const timed = timing(mail);
  return {
    account: mail.account,
    index: (mailbox) => mail.index(mailbox),
    pin: (mailbox, told) => mail.pin(mailbox, told),
    // Rows come while they are asked for; how long that takes is up to who reads them.
    read: (mailbox, uids, columns, told) => mail.read(mailbox, uids, columns, told),
    modseq: timed("modseq"),
    mailboxes: timed("mailboxes"),
    mailbox: timed("mailbox"),
    status: timed("status"),
    subscriptions: timed("subscriptions"),
    createMailbox: timed("createMailbox"),
    deleteMailbox: timed("deleteMailbox"),
    renameMailbox: timed("renameMailbox"),
    setSubscribed: timed("setSubscribed"),
    usage: timed("usage"),
    claimRecent: timed("claimRecent"),
    vanishedSince: timed("vanishedSince"),
    draft: timed("draft"),
    append: timed("append"),
    storeFlags: timed("storeFlags"),
    expunge: timed("expunge"),
    copy: timed("copy"),
    move: timed("move"),
    content: timed("content"),
  };
}

type Operation = (...args: never[]) => Promise<unknown>;
type Operations<T> = { [K in keyof T as T[K] extends Operation ? K : never]: T[K] };

function timing<T extends object>(target: T): <K extends keyof Operations<T> & string>(name: K) => T[K] {
  return (name) => {
    const work = (target[name] as Operation).bind(target) as (...args: unknown[]) => Promise<unknown>;
    const measured = async (...args: unknown[]): Promise<unknown> => {
      const start = performance.now();
      let result = "error";
      try {
        const value = await work(...args);
        result = "ok";
        return value;
      } catch (error) {
        if (error instanceof StoreError) result = "refused";
        throw error;
      } finally {
        storeDone(name, result, (performance.now() - start) / 1000);
      }
    };
    return measured as T[typeof name];
  };
}
