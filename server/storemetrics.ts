/** The store, with each operation counted and timed. What reads memory alone (`index`, `pin`) is not. */
import type { Acl, Directory, Domains, MailStore, Store } from "../store/store.ts";
import { type AccountId, StoreError } from "../store/types.ts";
import { storeDone, unindexedMessages } from "./metrics.ts";

/** A store that does what `store` does, and counts. */
export function measuredStore(store: Store): Store {
  const handles = new WeakMap<MailStore, MailStore>();
  const measured = (mail: MailStore): MailStore => {
    let handle = handles.get(mail);
    if (!handle) handles.set(mail, handle = measuredMail(mail));
    return handle;
  };
  unindexedMessages(() => store.unindexed);
  return {
    get unindexed() {
      return store.unindexed;
    },
    directory: measuredDirectory(store.directory),
    bell: store.bell,
    acl: measuredAcl(store.acl),
    mail: (account: AccountId) => measured(store.mail(account)),
    mailFor: (owner: AccountId, reader: AccountId) => measured(store.mailFor(owner, reader)),
    upkeep: (account: AccountId) => store.upkeep(account),
    mirrors: (account: AccountId) => store.mirrors(account),
    close: () => store.close(),
  };
}

function measuredDirectory(directory: Directory): Directory {
  const timed = timing(directory);
  return {
    add: timed("add"),
    remove: timed("remove"),
    setRemoved: timed("setRemoved"),
    addresses: directory.addresses,
    domains: measuredDomains(directory.domains),
    list: timed("list"),
    find: timed("find"),
    catchAll: timed("catchAll"),
    get: timed("get"),
    credentials: timed("credentials"),
    setCredentials: timed("setCredentials"),
    setDisabled: timed("setDisabled"),
    setQuota: timed("setQuota"),
    get quotaVersion() {
      return directory.quotaVersion;
    },
    setAdmin: timed("setAdmin"),
    setAppPasswordsOnly: timed("setAppPasswordsOnly"),
    addAppPassword: timed("addAppPassword"),
    appPasswords: timed("appPasswords"),
    removeAppPassword: timed("removeAppPassword"),
    addClientKey: timed("addClientKey"),
    clientKeys: timed("clientKeys"),
    clientKey: timed("clientKey"),
    removeClientKey: timed("removeClientKey"),
    credentialUsed: timed("credentialUsed"),
    recordAttempts: timed("recordAttempts"),
    attempts: timed("attempts"),
    setSearch: timed("setSearch"),
    setWithheld: timed("setWithheld"),
    setting: timed("setting"),
    setSetting: timed("setSetting"),
  };
}

/** The one that deliveries ask for; the others are an administrator's. */
function measuredDomains(domains: Domains): Domains {
  return {
    list: () => domains.list(),
    get: timing(domains)("get"),
    add: (name) => domains.add(name),
    setDisabled: (name, disabled) => domains.setDisabled(name, disabled),
    remove: (name) => domains.remove(name),
  };
}

function measuredAcl(acl: Acl): Acl {
  const timed = timing(acl);
  return {
    entries: timed("entries"),
    change: timed("change"),
    remove: timed("remove"),
    inherit: timed("inherit"),
    rights: timed("rights"),
    granted: timed("granted"),
  };
}

function measuredMail(mail: MailStore): MailStore {
  const timed = timing(mail);
  return {
    account: mail.account,
    reader: mail.reader,
    index: (mailbox, look) => mail.index(mailbox, look),
    pin: (mailbox, told) => mail.pin(mailbox, told),
    // Rows come while they are asked for; how long that takes is up to who reads them.
    read: (mailbox, uids, columns, told) => mail.read(mailbox, uids, columns, told),
    readPacked: (mailbox, uids, columns, told) => mail.readPacked(mailbox, uids, columns, told),
    find: (mailbox, uids, needles) => mail.find(mailbox, uids, needles),
    modseq: timed("modseq"),
    mailboxes: timed("mailboxes"),
    mailbox: timed("mailbox"),
    status: timed("status"),
    statuses: timed("statuses"),
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
    deliver: timed("deliver"),
    importMessages: timed("importMessages"),
    replace: timed("replace"),
    storeFlags: timed("storeFlags"),
    expunge: timed("expunge"),
    remove: timed("remove"),
    copy: timed("copy"),
    move: timed("move"),
    annotations: timed("annotations"),
    setAnnotations: timed("setAnnotations"),
    annotationsSince: timed("annotationsSince"),
    match: timed("match"),
    content: timed("content"),
    safe: () => mail.safe(),
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
