/** Opens TLS connections to one port, and can take a session up again. */
import { ImapClient } from "./imapclient.ts";
import { TlsClient, type TlsSession, type TlsVersion } from "./tlsclient.ts";

export class Opener {
  readonly #client: TlsClient;
  #session: TlsSession = null;

  constructor(readonly port: number, version: TlsVersion) {
    this.#client = new TlsClient(version);
  }

  /** Keeps the session of a new connection. */
  async keepSession(): Promise<void> {
    const connection = await this.#client.connect(this.port);
    const imap = await ImapClient.over(connection);
    this.#session = connection.session();
    imap.close();
  }

  /** One connection up to the greeting. @returns whether the session was taken up */
  async once(resumed: boolean): Promise<boolean> {
    const connection = await this.#client.connect(this.port, resumed ? this.#session : null);
    const imap = await ImapClient.over(connection);
    const taken = connection.resumed;
    imap.close();
    return taken;
  }

  [Symbol.dispose](): void {
    if (this.#session) this.#client.freeSession(this.#session);
    this.#client.close();
  }
}
