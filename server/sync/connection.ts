/**
 * A connection to the server that mail comes from, made again when it is lost.
 *
 * What the other side sends is bounded: a literal, a line, a response, and each wait.
 */
import { ImapFlow } from "imapflow";
import { StoreError } from "../../store/types.ts";
import { faultText, isLoginFailure, isRefusal, ProtocolError, SyncError } from "./errors.ts";
import { VERSION } from "../version.ts";
import type { SourceAddress } from "./url.ts";

/** Larger messages are read in pieces, so a literal that is larger is not what was asked for. */
const MOST_LITERAL = 32 * 1024 * 1024;
const MOST_LINE = 64 * 1024 * 1024;
const CONNECT_MS = 30_000;
const SILENCE_MS = 120_000;

export interface ConnectionOptions {
  readonly password?: string;
  readonly accessToken?: string;
  /** `imap://` without STARTTLS. */
  readonly insecure?: boolean;
  /** PEM certificates to trust in place of the system's. */
  readonly ca?: string;
  /** Trust any certificate. */
  readonly anyCertificate?: boolean;
  /** Waits before each new try in milliseconds; as many as are tried without any progress. */
  readonly retryMs?: readonly number[];
}

const RETRY_MS = [1000, 2000, 4000, 8000, 16_000];

export class Connection {
  /** Called with UIDs that are gone since the mod-sequence that was asked about (RFC 7162 §3.2.10). */
  vanished: (uid: number) => void = () => {};
  #client: ImapFlow | undefined;
  #connected = false;
  #failures = 0;

  constructor(
    readonly address: SourceAddress,
    readonly options: ConnectionOptions,
    /** Hears of lost connections. */
    readonly lost: (why: string) => void,
  ) {}

  /** Something was brought over: failures before it do not count. */
  progress(): void {
    this.#failures = 0;
  }

  /**
   * Runs the work with a connected client; again, from its beginning, when the connection is lost.
   * @throws {SyncError} the server cannot be reached, or not any more; {StoreError}; and refusals (`isRefusal`)
   */
  async use<T>(work: (client: ImapFlow) => Promise<T>): Promise<T> {
    const waits = this.options.retryMs ?? RETRY_MS;
    for (;;) {
      try {
        return await work(this.#client ??= await this.#connect());
      } catch (error) {
        const text = faultText(error);
        if (isLoginFailure(error)) throw new SyncError(`the login at ${this.address.host} failed: ${text}`);
        if (error instanceof StoreError || error instanceof SyncError || isRefusal(error)) throw error;
        // A connection that works is not to blame: that is a mistake of this program.
        if (this.#client?.usable && !(error instanceof ProtocolError)) throw error;
        this.#drop();
        const { host, port } = this.address;
        if (!this.#connected) throw new SyncError(`no connection to ${host}, port ${port}: ${text}`);
        if (this.#failures >= waits.length) throw new SyncError(`the connection to ${host} was lost: ${text}`);
        this.lost(text);
        const wait = waits[this.#failures++];
        await new Promise((resolve) => setTimeout(resolve, wait));
      }
    }
  }

  async #connect(): Promise<ImapFlow> {
    const { host, port, secure, user } = this.address;
    const { password, accessToken, insecure = false, ca, anyCertificate = false } = this.options;
    const client = new ImapFlow({
      host,
      port,
      secure,
      // Without it a server, or whoever is in between, could simply not offer STARTTLS.
      doSTARTTLS: secure ? undefined : !insecure,
      auth: accessToken === undefined ? { user, pass: password ?? "" } : { user, accessToken },
      tls: { ...(ca === undefined ? {} : { ca: [ca] }), rejectUnauthorized: !anyCertificate },
      clientInfo: { name: "Roost", version: VERSION, vendor: "", "support-url": "" },
      logger: false,
      disableAutoIdle: true,
      disableCompression: true,
      qresync: true,
      expungeHandler: ({ uid, earlier }) => {
        if (earlier && uid !== undefined) this.vanished(uid);
      },
      connectionTimeout: CONNECT_MS,
      greetingTimeout: CONNECT_MS,
      socketTimeout: SILENCE_MS,
      maxLiteralSize: MOST_LITERAL,
      maxLineLength: MOST_LINE,
      maxResponseSize: MOST_LINE + MOST_LITERAL,
      maxLockHoldTime: false,
    });
    // What fails is the command that runs; without a listener it would end the process.
    client.on("error", () => {});
    try {
      await client.connect();
    } catch (error) {
      client.close();
      throw error;
    }
    this.#connected = true;
    return client;
  }

  #drop(): void {
    this.#client?.close();
    this.#client = undefined;
  }

  async close(): Promise<void> {
    try {
      if (this.#client?.usable) await this.#client.logout();
    } catch {
      // It is over in any case.
    }
    this.#drop();
  }
}
