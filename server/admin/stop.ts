/** The signals that end a running server. */
const SIGNALS: readonly Deno.Signal[] = ["SIGTERM", "SIGINT"];

/** Resolves with the first SIGTERM or SIGINT; a second one ends the process at once. */
export function stopSignal(): Promise<Deno.Signal> {
  const { promise, resolve } = Promise.withResolvers<Deno.Signal>();
  let stopping = false;
  for (const signal of SIGNALS) {
    Deno.addSignalListener(signal, () => {
      if (stopping) Deno.exit(1);
      stopping = true;
      resolve(signal);
    });
  }
  return promise;
}
