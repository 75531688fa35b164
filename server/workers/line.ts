/**
 * Two threads that ask each other: one names what it wants and gives one argument, the other answers. What one says the other hears in
 * the same order.
 */

/** What can be asked, by name. */
// deno-lint-ignore no-explicit-any
export type Questions = Record<string, (argument: any) => unknown>;
type Argument<Q extends Questions, N extends keyof Q> = Parameters<Q[N]>[0];
type Answer<Q extends Questions, N extends keyof Q> = Awaited<ReturnType<Q[N]>>;

/** A worker, or the side of its own thread. */
export interface Port {
  postMessage(message: unknown, transfer: Transferable[]): void;
  onmessage: ((event: MessageEvent) => unknown) | null;
}

/** Without `id` nobody waits for an answer. */
type Message =
  | { readonly ask: string; readonly argument: unknown; readonly id?: number }
  | { readonly answer: unknown; readonly id: number }
  | { readonly fault: string; readonly id: number };

export class Line<Own extends Questions, Theirs extends Questions> {
  readonly #port: Port;
  readonly #own: Partial<Own> = {};
  readonly #waiting = new Map<number, PromiseWithResolvers<unknown>>();
  #count = 0;
  #broken: Error | undefined;

  constructor(port: Port) {
    this.#port = port;
    port.onmessage = ({ data }: MessageEvent<Message>) => this.#hear(data);
  }

  /** From here on answers a question. */
  on<N extends keyof Own & string>(name: N, answer: Own[N]): void {
    this.#own[name] = answer;
  }

  /** @throws {Error} it could not be answered */
  async ask<N extends keyof Theirs & string>(
    name: N,
    argument: Argument<Theirs, N>,
    transfer: Transferable[] = [],
  ): Promise<Answer<Theirs, N>> {
    if (this.#broken) throw this.#broken;
    const id = ++this.#count;
    const waiting = Promise.withResolvers<unknown>();
    this.#waiting.set(id, waiting);
    this.#port.postMessage({ ask: name, argument, id } satisfies Message, transfer);
    return await waiting.promise as Answer<Theirs, N>;
  }

  /** Asks, and does not wait for an answer; where it cannot be asked nothing happens. */
  tell<N extends keyof Theirs & string>(name: N, argument: Argument<Theirs, N>): void {
    this.#port.postMessage({ ask: name, argument } satisfies Message, []);
  }

  /** Nobody is there any more: whoever waits for an answer, or asks later, hears of it. */
  broken(error: Error): void {
    this.#broken = error;
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }

  #hear(message: Message): void {
    if ("ask" in message) return void this.#answer(message.ask, message.argument, message.id);
    const waiting = this.#waiting.get(message.id);
    this.#waiting.delete(message.id);
    if ("fault" in message) waiting?.reject(new Error(message.fault));
    else waiting?.resolve(message.answer);
  }

  async #answer(name: string, argument: unknown, id: number | undefined): Promise<void> {
    let message: Message | undefined;
    try {
      const own = this.#own[name];
      if (!own && id === undefined) return;
      if (!own) throw new Error(`${name} cannot be asked now`);
      const value = own(argument);
      // An answer that is there already goes out in this turn.
      const answer = value instanceof Promise ? await value : value;
      if (id !== undefined) message = { answer, id };
    } catch (error) {
      if (id === undefined) throw error;
      message = { fault: error instanceof Error ? error.message : String(error), id };
    }
    if (message) this.#port.postMessage(message, []);
  }
}
