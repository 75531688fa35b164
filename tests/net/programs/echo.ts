/** A server that answers each line with itself; tells its port, and each connection that came, on stdout. */
import { FrameReader } from "../../../server/net/framing.ts";
import { listen } from "../../../server/net/listener.ts";
import { FrameWriter } from "../../../server/net/writer.ts";

const listener = listen({ protocol: "imap", hostname: "127.0.0.1", port: 0 }, async ({ readable, writable }) => {
  const reader = new FrameReader(readable);
  const writer = new FrameWriter(writable);
  try {
    for (;;) {
      const line = await reader.line(1000, 60_000);
      await writer.write(new TextEncoder().encode(new TextDecoder().decode(line) + "\n"), 60_000);
    }
  } catch {
    await writer.close(100);
    await reader.cancel();
  }
});
console.log(listener.port);
