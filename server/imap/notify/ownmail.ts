/** The account's mail as one session uses it: what the session commits itself is noted for NOTIFY. */
import type { MailStore } from "../../../store/store.ts";
import type { OwnChanges } from "./own.ts";

const NAMES: ReadonlySet<PropertyKey> = new Set([
  "createMailbox",
  "deleteMailbox",
  "renameMailbox",
  "setSubscribed",
]);
const COMMITS: ReadonlySet<PropertyKey> = new Set([
  "append",
  "replace",
  "storeFlags",
  "expunge",
  "remove",
  "copy",
  "move",
  "setAnnotations",
]);

/** Every operation is that of `mail`; those that change something tell `own` of it before they resolve. */
export function notingOwn(mail: MailStore, own: OwnChanges): MailStore {
  return new Proxy(mail, {
    get(target, key) {
      const value: unknown = Reflect.get(target, key, target);
      if (typeof value !== "function") return value;
      if (NAMES.has(key)) {
        return (...args: unknown[]) => {
          own.named(...args.filter((arg): arg is string => typeof arg === "string"));
          return Reflect.apply(value, target, args);
        };
      }
      if (COMMITS.has(key)) {
        return async (...args: unknown[]) => {
          const result: unknown = await Reflect.apply(value, target, args);
          own.made(modseqOf(result));
          return result;
        };
      }
      return value.bind(target);
    },
  });
}

function modseqOf(result: unknown): number | undefined {
  const modseq = typeof result === "object" && result !== null ? Reflect.get(result, "modseq") : result;
  return typeof modseq === "number" ? modseq : undefined;
}
