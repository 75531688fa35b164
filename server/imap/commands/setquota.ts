import { defineCommand, LOGGED_IN } from "../command.ts";
import { BadError, NoError } from "../errors.ts";
import { demandAdmin, quotaRoot, writeQuota } from "../quotaroot.ts";

interface Arguments {
  readonly root: string;
  readonly limits: ReadonlyMap<string, number>;
}

/**
 * What a resource's limit becomes, in bytes or messages; 0 is none. A limit of nothing at all cannot be kept and is rounded to the
 * least there is (RFC 9208 §3.3.1).
 */
const RESOURCES: Readonly<Record<string, (limit: number) => number>> = {
  STORAGE: (limit) => Math.min(Math.max(limit, 1) * 1024, Number.MAX_SAFE_INTEGER),
  MESSAGE: (limit) => Math.max(limit, 1),
};

/** Limits that are not named are discarded, so the account then has none, whatever the configuration says (RFC 9208 §4.1.3). */
export const setQuota = defineCommand<Arguments>({
  name: "SETQUOTA",
  states: LOGGED_IN,
  rfc: "9208 §4.1.3",
  parse(d) {
    d.sp();
    const root = d.astringText();
    d.sp();
    const limits = new Map<string, number>();
    d.list(() => {
      const resource = d.atom().toUpperCase();
      d.sp();
      const limit = d.number64();
      if (limits.has(resource)) throw new BadError(undefined, `${resource} is given twice`);
      limits.set(resource, limit);
    });
    return { root, limits };
  },
  async run(context, { root: name, limits }) {
    await demandAdmin(context);
    const root = await quotaRoot(context, name);
    for (const resource of limits.keys()) {
      if (!Object.hasOwn(RESOURCES, resource)) throw new NoError("CANNOT", `${resource} cannot be limited`);
    }
    const limit = (resource: string) => {
      const asked = limits.get(resource);
      return asked === undefined ? 0 : RESOURCES[resource](asked);
    };
    await context.server.store.directory.setQuota(root.account, {
      bytes: limit("STORAGE"),
      messages: limit("MESSAGE"),
    });
    await writeQuota(context, root);
  },
});
