/** What the server's threads and their keeper (keeper.ts) say to each other. */
import type { AccountId } from "../../store/types.ts";
import type { Siblings } from "../../store/sqlite/bellsiblings.ts";
import type { Waiting } from "../acme/challenges.ts";
import type { Start } from "../admin/serve.ts";
import type { KeyPair } from "../config/tls.ts";
import type { SessionFacts } from "../control/protocol.ts";
import type { WorkerMetrics } from "../metrics.ts";
import type { Refused } from "../net/admission.ts";
import type { TicketSecret } from "../net/tls/ticketsecret.ts";

/** What a thread is started with. */
export interface WorkerStart extends Start {
  /** From 0. The first does what is to be done once, and begins before the others. */
  readonly index: number;
  /** How many there are. */
  readonly size: number;
  readonly bell?: Siblings;
  /** Of FailureMarks. */
  readonly failures: SharedArrayBuffer;
  /** For auth/recent.ts. */
  readonly passwordKey: Uint8Array;
  /** A counter. */
  readonly connections: SharedArrayBuffer;
  readonly tickets: TicketSecret;
  /** From the first, for the others. */
  readonly opened?: Opened;
}

/** The first thread listens. */
export interface Opened {
  /** Of the configuration's listeners, in its order. */
  readonly ports: readonly number[];
  readonly certificates: SharedCertificates;
}

/** What TLS shows, and what answers an authority's visits. */
export interface SharedCertificates extends Waiting {
  readonly pairs: readonly KeyPair[];
}

/** How a thread ended; a fault has the lines to be shown. */
export interface Ended {
  readonly fault?: string;
}

/** A place that was given, to be given back. */
export type Place = { readonly place: number } | Refused;

/** What a thread can be asked. */
export type WorkerQuestions = {
  /** Serves; answered at the end. */
  start(start: WorkerStart): Promise<Ended>;
  stop(reason: string): void;
  sessions(account: AccountId | undefined): SessionFacts[];
  endAccount(account: AccountId): Promise<number>;
  endSession(id: string): Promise<number>;
  metrics(nothing: undefined): Promise<WorkerMetrics>;
  certificates(certificates: SharedCertificates): void;
  /** A password was right (auth/recent.ts). */
  rightPassword(mark: string): void;
};

/** One of these, for all other threads. */
export type ForOthers = {
  [N in keyof WorkerQuestions]: { readonly ask: N; readonly argument: Parameters<WorkerQuestions[N]>[0] };
}[keyof WorkerQuestions];

/** What the keeper can be asked. */
export type KeeperQuestions = {
  connect(remote: string): Place;
  account(asked: { readonly remote: string; readonly account: AccountId }): Place;
  release(place: number): void;
  refuses(remote: string): boolean;
  failed(remote: string): number;
  /** By the first thread, which listens: the others shall. Answered when they do. */
  opened(opened: Opened): Promise<void>;
  /** By another. */
  listening(nothing: undefined): void;
  /** Asks the other threads; undefined for those that did not answer in time. */
  others(question: ForOthers): Promise<readonly unknown[]>;
};
