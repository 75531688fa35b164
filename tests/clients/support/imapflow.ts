import { ImapFlow, type ImapFlowOptions } from "imapflow";
import type { Scene } from "./suite.ts";

/** A connected ImapFlow; the work's failure or end closes it. */
export async function withImapFlow<T>(
  scene: Pick<Scene, "server" | "address" | "password">,
  options: Partial<ImapFlowOptions>,
  work: (client: ImapFlow) => Promise<T>,
): Promise<T> {
  const { server, address, password } = scene;
  const secure = options.secure === true;
  const client = new ImapFlow({
    host: "127.0.0.1",
    port: secure ? server.imapsPort : server.imapPort,
    secure,
    doSTARTTLS: secure ? undefined : false,
    auth: { user: address, pass: password },
    tls: { ca: [Deno.readTextFileSync(server.certificate)], servername: "localhost" },
    logger: false,
    disableAutoIdle: true,
    greetingTimeout: 10_000,
    socketTimeout: 15_000,
    ...options,
  });
  const failed = Promise.withResolvers<never>();
  client.on("error", failed.reject);
  failed.promise.catch(() => {}); // heard below, where the work is
  try {
    await client.connect();
    const result = await Promise.race([work(client), failed.promise]);
    await client.logout();
    return result;
  } finally {
    client.close();
  }
}
