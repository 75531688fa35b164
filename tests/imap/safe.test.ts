/** Nothing is said of what a power cut might take back. */
import assert from "node:assert/strict";
import type { MailStore, Store } from "../../store/store.ts";
import { mail, type ServerOptions, type TestServer } from "../support/protocol.ts";
import { protocolTest } from "../support/protocol.ts";

/** A disk whose flushes end when the test says so. */
class SlowDisk {
  #flush = Promise.withResolvers<void>();
  /** Somebody waits. */
  readonly asked = Promise.withResolvers<void>();
  slow = false;

  end(): void {
    this.slow = false;
    this.#flush.resolve();
  }

  fail(): void {
    this.#flush.promise.catch(() => {}); // told to those who wait
    this.#flush.reject(new Error("the disk is gone"));
  }

  store(store: Store): Store {
    const seen = new WeakMap<MailStore, MailStore>();
    const slowed = (mail: MailStore): MailStore => {
      let proxy = seen.get(mail);
      if (!proxy) {
        proxy = new Proxy(mail, {
          get: (target, key) => {
            if (key === "safe") return () => this.#safe(target);
            const value: unknown = Reflect.get(target, key, target);
            return typeof value === "function" ? value.bind(target) : value;
          },
        });
        seen.set(mail, proxy);
      }
      return proxy;
    };
    return new Proxy(store, {
      get(target, key) {
        if (key === "mail" || key === "mailFor") {
          return (...args: Parameters<Store["mailFor"]>) => slowed(Reflect.apply(target[key], target, args));
        }
        const value: unknown = Reflect.get(target, key, target);
        return typeof value === "function" ? value.bind(target) : value;
      },
    });
  }

  #safe(mail: MailStore): Promise<void> | undefined {
    if (!this.slow) return mail.safe();
    this.asked.resolve();
    return this.#flush.promise;
  }
}

function diskTest(name: string, run: (t: TestServer, disk: SlowDisk) => Promise<void>, options?: ServerOptions): void {
  protocolTest(name, async (t) => {
    const disk = new SlowDisk();
    Object.assign(t.context, { store: disk.store(t.context.store) });
    await run(t, disk);
  }, options);
}

/** Whether the client is told something before `until`. */
async function isSilent(line: Promise<string>, until: () => Promise<unknown>): Promise<boolean> {
  let told = false;
  line.then(() => told = true, () => told = true);
  await until();
  return !told;
}

diskTest("APPEND is answered when the message is on the disk", async (t, disk) => {
  const alice = await t.login();
  disk.slow = true;
  await alice.send(`a APPEND INBOX {${mail("one").length}+}\r\n${mail("one")}\r\n`);
  const answer = alice.line();
  assert.ok(await isSilent(answer, async () => await disk.asked.promise));
  disk.end();
  assert.match(await answer, /^a OK \[APPENDUID /);
});

diskTest("nobody else is told of a message before it is on the disk", async (t, disk) => {
  const alice = await t.login();
  const phone = await t.login();
  const bob = await t.login({ address: "bob@example.org" });
  await phone.ok("SELECT INBOX");
  disk.slow = true;
  await alice.send(`a APPEND INBOX {${mail("one").length}+}\r\n${mail("one")}\r\n`);
  await disk.asked.promise;
  await phone.send("b NOOP\r\n");
  const told = phone.line();
  assert.ok(await isSilent(told, async () => await new Promise((resolve) => setTimeout(resolve, 50))));
  disk.end();
  assert.match(await told, /^\* 1 EXISTS/);
  await bob.ok("NOOP");
});

diskTest("what cannot be made safe is not said to be done: BYE, and nothing before it", async (t, disk) => {
  const alice = await t.login();
  disk.slow = true;
  await alice.send(`a APPEND INBOX {${mail("one").length}+}\r\n${mail("one")}\r\n`);
  await disk.asked.promise;
  disk.fail();
  assert.doesNotMatch(await alice.rest(), /a OK/);
});

diskTest("pipelined APPENDs wait for the disk together", async (t, disk) => {
  const alice = await t.login();
  disk.slow = true;
  const one = `APPEND INBOX {${mail("one").length}+}\r\n${mail("one")}\r\n`;
  await alice.send(Array.from({ length: 5 }, (_, at) => `a${at} ${one}`).join(""));
  await disk.asked.promise;
  disk.end();
  for (let at = 0; at < 5; at++) assert.match(await alice.line(), new RegExp(`^a${at} OK `));
});
