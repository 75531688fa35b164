/**
 * A small IMAP client of the tests' own, to set the scene and to look at what a real client did. All text is one character a
 * byte, so content compares byte for byte.
 */
export class Observer {
  #buffered = new Uint8Array(0);
  #tag = 0;
  #closed = false;

  private constructor(readonly connection: Deno.Conn) {}

  static async connect(port: number, address: string, password: string): Promise<Observer> {
    const observer = new Observer(await Deno.connect({ hostname: "127.0.0.1", port }));
    await observer.#response();
    await observer.command(`LOGIN "${address}" "${password}"`);
    return observer;
  }

  /**
   * Sends a command and waits for its tagged OK.
   * @param literal sent after the command's text, which then ends in `{n}`
   * @returns the untagged responses without CRLF, literals in place, and the tagged one as the last
   */
  async command(text: string, literal?: Uint8Array): Promise<string[]> {
    const tag = `o${++this.#tag}`;
    await this.#send(bytes(`${tag} ${text}\r\n`));
    const responses: string[] = [];
    while (true) {
      const response = await this.#response();
      if (response.startsWith("+") && literal !== undefined) {
        const packet = new Uint8Array(literal.length + 2); // in one, so that its end does not wait for a delayed ACK
        packet.set(literal);
        packet.set([13, 10], literal.length);
        await this.#send(packet);
      } else if (response.startsWith(tag + " ")) {
        if (!response.startsWith(tag + " OK")) throw new Error(`${text}: ${response}`);
        return [...responses, response];
      } else {
        responses.push(response);
      }
    }
  }

  /** @returns the new message's UID */
  async append(mailbox: string, message: Uint8Array | string, flags = "", date = ""): Promise<number> {
    const content = typeof message === "string" ? bytes(message) : message;
    const when = date === "" ? "" : `"${date}" `;
    const answer = await this.command(`APPEND "${mailbox}" (${flags}) ${when}{${content.length}}`, content);
    return Number(/APPENDUID \d+ (\d+)/.exec(answer.at(-1)!)![1]);
  }

  /** Every message of a mailbox by ascending UID; flags sorted, without \Recent. */
  async messages(mailbox: string): Promise<{ uid: number; flags: string; content: string; date: string }[]> {
    await this.command(`EXAMINE "${mailbox}"`);
    const responses = await this.command("UID FETCH 1:* (UID FLAGS INTERNALDATE BODY.PEEK[])");
    const found = responses.filter((response) => /^\* \d+ FETCH /.test(response)).map((response) => {
      const literal = /BODY\[\] \{(\d+)\}\r\n/.exec(response)!;
      const start = literal.index + literal[0].length;
      const size = Number(literal[1]);
      const rest = response.slice(0, literal.index) + response.slice(start + size);
      return {
        uid: Number(/\bUID (\d+)/.exec(rest)![1]),
        flags: sortFlags(/FLAGS \(([^)]*)\)/.exec(rest)![1]),
        date: /INTERNALDATE "([^"]*)"/.exec(rest)![1],
        content: response.slice(start, start + size),
      };
    });
    return found.sort((a, b) => a.uid - b.uid);
  }

  /** The subjects of a mailbox's messages with their flags, as `Subject: \Flag \Flag`, by ascending UID. */
  async summary(mailbox: string): Promise<string[]> {
    return (await this.messages(mailbox)).map(({ flags, content }) => {
      const subject = /^Subject: (.*)\r$/m.exec(content)?.[1] ?? "";
      return flags === "" ? subject : `${subject}: ${flags}`;
    });
  }

  async store(mailbox: string, uid: number, change: string): Promise<void> {
    await this.command(`SELECT "${mailbox}"`);
    await this.command(`UID STORE ${uid} ${change}`);
  }

  async remove(mailbox: string, uid: number): Promise<void> {
    await this.store(mailbox, uid, "+FLAGS.SILENT (\\Deleted)");
    await this.command(`UID EXPUNGE ${uid}`);
  }

  /** Names of all mailboxes, sorted. */
  async mailboxes(pattern = "*"): Promise<string[]> {
    const responses = await this.command(`LIST "" "${pattern}"`);
    return responses.filter((response) => response.startsWith("* LIST"))
      .map((response) => / "?([^" ]+|[^"]+)"?$/.exec(response)![1]).sort();
  }

  /** Says goodbye; once, however often it is called. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    try {
      await this.command("LOGOUT");
    } finally {
      this.drop();
    }
  }

  /** Closes the connection as it is; harmless after close(). */
  drop(): void {
    try {
      this.connection.close();
    } catch (error) {
      if (!(error instanceof Deno.errors.BadResource)) throw error;
    }
  }

  /** All that the server says until it closes the connection. */
  async untilEnd(): Promise<string[]> {
    const responses: string[] = [];
    try {
      while (true) responses.push(await this.#response());
    } catch (error) {
      if (!(error instanceof ConnectionEnd)) throw error;
      return responses;
    }
  }

  async #send(data: Uint8Array): Promise<void> {
    for (let sent = 0; sent < data.length;) sent += await this.connection.write(data.subarray(sent));
  }

  async #response(): Promise<string> {
    let text = "";
    while (true) {
      text += await this.#line();
      const literal = /\{(\d+)\}$/.exec(text);
      if (literal === null) return text;
      text += "\r\n" + await this.#exactly(Number(literal[1]));
    }
  }

  async #line(): Promise<string> {
    let end: number;
    while ((end = this.#buffered.indexOf(10)) < 0) await this.#more();
    const line = characters(this.#buffered.subarray(0, end));
    this.#buffered = this.#buffered.subarray(end + 1);
    return line.endsWith("\r") ? line.slice(0, -1) : line;
  }

  async #exactly(size: number): Promise<string> {
    while (this.#buffered.length < size) await this.#more();
    const data = characters(this.#buffered.subarray(0, size));
    this.#buffered = this.#buffered.subarray(size);
    return data;
  }

  async #more(): Promise<void> {
    const chunk = new Uint8Array(65536);
    const size = await withTimeout(this.connection.read(chunk), 20_000, "the server sent nothing for 20 s");
    if (size === null) throw new ConnectionEnd("the server closed the connection");
    const joined = new Uint8Array(this.#buffered.length + size);
    joined.set(this.#buffered);
    joined.set(chunk.subarray(0, size), this.#buffered.length);
    this.#buffered = joined;
  }
}

class ConnectionEnd extends Error {}

/** @throws Error with the text when the promise takes longer */
export async function withTimeout<T>(promise: Promise<T>, milliseconds: number, text: string): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error(text)), milliseconds);
  try {
    return await Promise.race([promise, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

/** One byte a character (0 to 255). */
export function bytes(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

/** One character a byte. */
export function characters(data: Uint8Array): string {
  let text = "";
  for (let at = 0; at < data.length; at += 8192) text += String.fromCharCode(...data.subarray(at, at + 8192));
  return text;
}

function sortFlags(flags: string): string {
  return flags.split(" ").filter((flag) => flag !== "" && flag !== "\\Recent").sort().join(" ");
}
