/** Answers each line on stdin, or on descriptor 0 both ways with `--fd0`, with itself in capitals; "end" ends it. */
import { FrameReader } from "../../../server/net/framing.ts";
import { stdioTransport } from "../../../server/net/stdio.ts";
import { FrameWriter } from "../../../server/net/writer.ts";

const transport = stdioTransport({ fd0: Deno.args.includes("--fd0") });
const reader = new FrameReader(transport.readable);
const writer = new FrameWriter(transport.writable);
try {
  for (let line = ""; line !== "end";) {
    line = new TextDecoder().decode(await reader.line(10_000_000, 60_000));
    await writer.write(new TextEncoder().encode(line.toUpperCase() + "\n"), 60_000);
  }
} catch (error) {
  console.error(String(error));
}
await writer.close(1000);
await reader.cancel();
transport.abort();
