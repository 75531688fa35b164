/** A test with an authority, a data directory and a name's certificates between them. */
import { Acme } from "../../server/acme/acme.ts";
import { AcmeFolder } from "../../server/acme/folder.ts";
import { type AcmeConfig, acmeSchema } from "../../server/config/acmeschema.ts";
import { KeyPairs, makeSelfSigned } from "../../server/config/tls.ts";
import { openSslEngine } from "../../server/net/tls/engine.ts";
import { listenHttp } from "../../server/http/listener.ts";
import { type AuthorityOptions, TestAuthority } from "./authority.ts";
import { type Visit, visitHttp, visitTls } from "./visits.ts";

export const NAME = "mail.example.org";

/** Only what has gone wrong takes so long. */
const PATIENCE_MS = 15_000;

export interface Place {
  readonly authority: TestAuthority;
  readonly directory: string;
  readonly folder: AcmeFolder;
  /** Certificates as a server would have them; closed at the end of the test. */
  acme(config?: Partial<AcmeConfig>): Promise<Acme>;
}

/** Runs `work` with an authority that visits over HTTP and TLS whichever certificates were begun last. */
export async function withAuthority(
  options: Omit<AuthorityOptions, "visits"> & { visits?: (usual: Record<string, Visit>) => Record<string, Visit> },
  work: (place: Place) => Promise<void>,
): Promise<void> {
  const directory = await Deno.makeTempDir({ prefix: "roost-acme-" });
  const begun: Acme[] = [];
  const others = new KeyPairs([await makeSelfSigned("localhost")]);
  await using cleanup = new AsyncDisposableStack();
  cleanup.defer(() => Deno.remove(directory, { recursive: true }));
  const http = listenHttp({ hostname: "127.0.0.1", port: 0 }, [{
    path: "/.well-known/acme-challenge/",
    answer: (path) => begun[begun.length - 1].challenges.route.answer(path),
  }]);
  cleanup.defer(() => http.close());
  const usual = {
    "http-01": visitHttp(() => http.port),
    "tls-alpn-01": visitTls(() => listenForChallenge(begun[begun.length - 1])),
    // Nobody answers it.
    "dns-01": () => Promise.reject(new Error("no record")),
  };
  const authority = await TestAuthority.start({ ...options, visits: options.visits?.(usual) ?? usual });
  cleanup.defer(() => authority[Symbol.asyncDispose]());
  await Deno.writeTextFile(`${directory}/root.pem`, authority.issuer.pem);
  cleanup.defer(async () => {
    for (const acme of begun) await acme.close();
  });
  await work({
    authority,
    directory,
    folder: new AcmeFolder(directory),
    async acme(config = {}) {
      const settings = acmeSchema.parse({
        directory: authority.directory,
        caFile: `${directory}/root.pem`,
        hostnames: [NAME],
        ...config,
      });
      const acme = await Acme.load({ acme: settings, dataDir: directory, others, othersFirst: false, intervalMs: 20 });
      begun.push(acme);
      return acme;
    },
  });
}

/** Takes one connection, as an imaps listener would. @returns the port */
function listenForChallenge(acme: Acme): number {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const engine = openSslEngine(acme);
  listener.accept().then((conn) => engine?.accept(conn, { alpn: ["imap"] }))
    .catch(() => {}) // A validation ends within the handshake.
    .finally(() => {
      listener.close();
      engine?.close();
    });
  return listener.addr.port;
}

/** Resolves when `acme` has new certificates. */
export async function changed(acme: Acme): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const timer = setTimeout(() => reject(new Error("no certificate came")), PATIENCE_MS);
  const forget = acme.onChange(resolve);
  try {
    await promise;
  } finally {
    clearTimeout(timer);
    forget();
  }
}

/** Waits until what a name's files say fits; that is all that others see of an attempt. */
export async function until<T>(ask: () => T | Promise<T>, fits: (value: T) => boolean): Promise<T> {
  for (const deadline = Date.now() + PATIENCE_MS;;) {
    const value = await ask();
    if (fits(value)) return value;
    if (Date.now() > deadline) throw new Error(`still ${JSON.stringify(value)}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
