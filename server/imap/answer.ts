/** What a client is answered when its command fails, and what it is told when its connection ends. */
import { AuthError } from "../../auth/authenticator.ts";
import { StoreError } from "../../store/mod.ts";
import { ConnectionEnd, ReadTimeout } from "../net/framing.ts";
import { WriteTimeout } from "../net/writer.ts";
import { BadError, ByeError, NoError } from "./errors.ts";
import { asNo } from "./storefaults.ts";

export interface Answer {
  readonly kind: "NO" | "BAD";
  readonly code: string | undefined;
  readonly text: string;
  /** Nobody expected this fault. */
  readonly bug: boolean;
}

/** @throws what the connection cannot survive */
export function answerOf(thrown: unknown): Answer {
  const error = thrown instanceof StoreError ? asNo(thrown) : thrown;
  if (error instanceof NoError) return { kind: "NO", code: error.code, text: error.message, bug: false };
  if (error instanceof BadError) return { kind: "BAD", code: error.code, text: error.message, bug: false };
  const isEnd = error instanceof ByeError || error instanceof ConnectionEnd || error instanceof ReadTimeout ||
    error instanceof WriteTimeout;
  if (isEnd) throw error;
  return { kind: "NO", code: "SERVERBUG", text: "internal error, see the server's log", bug: true };
}

/** What BYE says. */
export function farewellOf(error: unknown, loggedIn: boolean): Omit<Answer, "kind"> {
  if (error instanceof ByeError) return { code: error.code, text: error.message, bug: false };
  if (error instanceof AuthError) return { code: undefined, text: error.message, bug: false };
  if (error instanceof ReadTimeout) {
    return { code: undefined, text: loggedIn ? "idle for too long" : "log in sooner", bug: false };
  }
  return { code: undefined, text: "internal error", bug: true };
}
