import type { Scene } from "./suite.ts";
import { characters } from "./observer.ts";

/** A program that takes one message on standard input, as a mail retriever calls it, and what it took. */
export interface DeliveryAgent {
  /** Path of the program. */
  readonly program: string;
  /** What it was given, in order of arrival. */
  readonly delivered: () => Promise<string[]>;
}

export async function deliveryAgent(scene: Scene): Promise<DeliveryAgent> {
  const inbox = await scene.folder("delivered");
  const program = await scene.file(
    "deliver",
    `#!/bin/sh\nset -eu\nn=$(ls ${inbox} | wc -l)\ncat > ${inbox}/$(printf %04d $n)\n`,
    0o700,
  );
  const delivered = async () => {
    const names = (await Array.fromAsync(Deno.readDir(inbox), ({ name }) => name)).sort();
    return Promise.all(names.map(async (name) => characters(await Deno.readFile(`${inbox}/${name}`))));
  };
  return { program, delivered };
}
