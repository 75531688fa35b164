/** A server's first line, and the permissions of what it made. */

/** Connects to where the server says that it listens. */
export async function connectImap(stdout: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<Deno.Conn> {
  let text = "";
  for await (const chunk of stream(stdout)) {
    text += chunk;
    const port = /^listening imap 127\.0\.0\.1:(\d+)$/m.exec(text)?.[1];
    if (port) return await Deno.connect({ hostname: "127.0.0.1", port: Number(port) });
  }
  throw new Error(`the server did not listen: ${text}`);
}

async function* stream(stdout: ReadableStream<Uint8Array<ArrayBuffer>>): AsyncGenerator<string> {
  yield* stdout.pipeThrough(new TextDecoderStream());
}

export interface Mode {
  /** From `top` on. */
  readonly path: string;
  readonly kind: "folder" | "file";
  readonly mode: number;
}

/** Everything below `top` and itself. */
export function modesBelow(parent: string, top: string): Mode[] {
  const { mode, isDirectory } = Deno.lstatSync(`${parent}/${top}`);
  const own: Mode = { path: top, kind: isDirectory ? "folder" : "file", mode: (mode ?? 0) & 0o777 };
  if (!isDirectory) return [own];
  return [
    own,
    ...[...Deno.readDirSync(`${parent}/${top}`)].flatMap(({ name }) => modesBelow(parent, `${top}/${name}`)),
  ];
}
