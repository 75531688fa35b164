/** A server that answers as little as a sync needs, and wrongly where a test says so. */

export interface FakeMessage {
  readonly uid: number;
  readonly text: string;
  readonly flags?: string;
  /** RFC822.SIZE, where it is another than that of the text. */
  readonly size?: number;
  readonly labels?: string;
  /** What happens when its content is asked for. */
  readonly body?: "no" | "cut" | "nothing" | "nil" | "huge";
}

export interface FakeOptions {
  readonly capabilities?: string;
  /** Names as they stand on the wire, quoted where they must be, with LIST attributes before. */
  readonly mailboxes?: Readonly<Record<string, readonly FakeMessage[]>>;
  readonly attributes?: Readonly<Record<string, string>>;
  readonly login?: "NO";
  /** Says that there are so many messages. */
  readonly exists?: number;
}

const CAPABILITIES = "IMAP4rev1 LITERAL+ SPECIAL-USE";

export class Fake implements AsyncDisposable {
  readonly #listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  readonly #served = new Set<Promise<void>>();
  logins = 0;

  constructor(public options: FakeOptions) {
    this.#serve();
  }

  get port(): number {
    return this.#listener.addr.port;
  }

  async #serve(): Promise<void> {
    for await (const conn of this.#listener) {
      conn.setNoDelay();
      const served = this.#one(conn).catch(() => {}).finally(() => {
        try {
          conn.close();
        } catch {
          // It is closed.
        }
        this.#served.delete(served);
      });
      this.#served.add(served);
    }
  }

  async #one(conn: Deno.Conn): Promise<void> {
    const write = async (text: string) => {
      const bytes = Uint8Array.from(text, (character) => character.charCodeAt(0));
      for (let at = 0; at < bytes.length;) at += await conn.write(bytes.subarray(at));
    };
    const capabilities = this.options.capabilities ?? CAPABILITIES;
    await write(`* OK [CAPABILITY ${capabilities}] ready\r\n`);
    let selected: readonly FakeMessage[] = [];
    const buffer = new Uint8Array(65_536);
    const decoder = new TextDecoder();
    let rest = "";
    for (let size = await conn.read(buffer); size !== null; size = await conn.read(buffer)) {
      rest += decoder.decode(buffer.subarray(0, size), { stream: true });
      for (let end = rest.indexOf("\r\n"); end >= 0; end = rest.indexOf("\r\n")) {
        const line = rest.slice(0, end);
        rest = rest.slice(end + 2);
        const [tag, command, ...words] = line.split(" ");
        const { mailboxes = { INBOX: [] } } = this.options;
        const ok = (text = "done") => write(`${tag} OK ${text}\r\n`);
        if (command === "LOGIN") {
          this.logins++;
          if (this.options.login === "NO") await write(`${tag} NO [AUTHENTICATIONFAILED] no\r\n`);
          else await ok(`[CAPABILITY ${capabilities}] in`);
        } else if (command === "LIST" || command === "LSUB") {
          const pattern = words[1]?.replaceAll('"', "");
          for (const name of pattern === "" ? [] : Object.keys(mailboxes)) {
            await write(`* ${command} (${this.options.attributes?.[name] ?? ""}) "/" ${name}\r\n`);
          }
          await ok();
        } else if (command === "STATUS") {
          await write(`* STATUS ${words[0]} (UIDVALIDITY 7)\r\n`);
          await ok();
        } else if (command === "EXAMINE") {
          const name = words.join(" ").replaceAll('"', "");
          selected = Object.entries(mailboxes).find(([listed]) => listed.replaceAll('"', "") === name)?.[1] ?? [];
          const count = this.options.exists ?? selected.length;
          await write(`* ${count} EXISTS\r\n* OK [UIDVALIDITY 7] v\r\n* OK [UIDNEXT 1000] n\r\n`);
          await ok("[READ-ONLY] open");
        } else if (command === "UID" && words[0] === "FETCH") {
          if (!await this.#fetch(tag, words[1], words.slice(2).join(" "), selected, write)) return;
        } else if (command === "LOGOUT") {
          await write("* BYE\r\n");
          await ok();
        } else if (command === "UID" && words[0] === "SEARCH") {
          await write(`* SEARCH ${selected.map(({ uid }) => uid).join(" ")}\r\n`);
          await ok();
        } else await ok();
      }
    }
  }

  /** @returns false: the connection ends */
  async #fetch(
    tag: string,
    set: string,
    items: string,
    messages: readonly FakeMessage[],
    write: (text: string) => Promise<void>,
  ): Promise<boolean> {
    const asked = (uid: number) =>
      set.split(",").some((part) => {
        const [first, last = first] = part.split(":");
        return uid >= Number(first) && (last === "*" || uid <= Number(last));
      });
    const partial = /BODY\.PEEK\[\]<(\d+)\.(\d+)>/.exec(items);
    for (const [at, { uid, text, flags = "", size, body, labels = "" }] of messages.entries()) {
      if (!asked(uid)) continue;
      const parts = [`UID ${uid}`];
      if (items.includes("FLAGS")) parts.push(`FLAGS (${flags})`);
      if (items.includes("INTERNALDATE")) parts.push('INTERNALDATE "01-Feb-2020 10:00:00 +0000"');
      if (items.includes("RFC822.SIZE")) parts.push(`RFC822.SIZE ${size ?? text.length}`);
      if (items.includes("X-GM-LABELS")) parts.push(`X-GM-LABELS (${labels})`);
      if (items.includes("BODY.PEEK[]")) {
        if (body === "no") {
          await write(`${tag} NO not this one\r\n`);
          return true;
        }
        if (body === "nothing") continue;
        const [start, most] = partial ? [Number(partial[1]), Number(partial[2])] : [0, Infinity];
        const piece = text.slice(start, start + most);
        const head = `BODY[]${partial ? `<${start}>` : ""}`;
        if (body === "cut" || body === "huge") {
          await write(
            `* ${at + 1} FETCH (${parts.join(" ")} ${head} {${body === "huge" ? 4_000_000_000 : piece.length}}\r\nFrom`,
          );
          return false;
        }
        parts.push(body === "nil" ? `${head} NIL` : `${head} {${piece.length}}\r\n${piece}`);
      }
      await write(`* ${at + 1} FETCH (${parts.join(" ")})\r\n`);
    }
    await write(`${tag} OK done\r\n`);
    return true;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    await Promise.all(this.#served);
  }
}
