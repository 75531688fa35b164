/** Opens an engine, gives the permission for foreign functions back, and shakes hands with each pair of its arguments in turn. */
import { openSslEngine } from "../../../../server/net/tls/engine.ts";
import { Pairs } from "../pairs.ts";

const pairs = Deno.args.map((text) => JSON.parse(text));
const source = new Pairs(pairs.slice(0, 1));
const engine = openSslEngine(source);
if (!engine) {
  console.log("no engine");
  Deno.exit();
}
console.log(Deno.permissions.revokeSync({ name: "ffi" }).state);
const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
for (const pair of pairs) {
  source.change(pair);
  const [socket, connection] = await Promise.all([
    listener.accept(),
    Deno.connectTls({ hostname: "localhost", port: listener.addr.port, caCerts: [pair.cert], alpnProtocols: ["imap"] }),
  ]);
  const shaking = connection.handshake();
  const served = await engine.accept(socket, { alpn: ["imap"] });
  await shaking;
  console.log(served.facts.version, served.facts.alpn, served.facts.binding("tls-exporter")?.length);
  served.close();
  connection.close();
}
Deno.exit();
