/** Quota: bytes and messages of an account, each copy counted (RFC 9208 §5). */
import type { Account, Usage } from "../store.ts";
import { StoreError } from "../types.ts";
import type { AccountRow } from "./rows.ts";

/** 0 is none. */
export interface Quota {
  readonly bytes: number;
  readonly messages: number;
}

export const NO_QUOTA: Quota = { bytes: 0, messages: 0 };

/** An account's own limits, the defaults where it has none. */
export function quotaOf(account: Account, defaults: Quota): Quota {
  return { bytes: account.quotaBytes ?? defaults.bytes, messages: account.quotaMessages ?? defaults.messages };
}

/** @throws {StoreError} overquota */
export function checkQuota(usage: AccountRow, quota: Quota, messages: number, bytes: number): void {
  if (messages === 0) return;
  if (quota.bytes > 0 && usage.size + bytes > quota.bytes) throw new StoreError("overquota", "the account is full");
  if (quota.messages > 0 && usage.messages + messages > quota.messages) {
    throw new StoreError("overquota", "the account has as many messages as it may");
  }
}

export function usageOf({ size, messages }: AccountRow, quota: Quota): Usage {
  return { bytes: size, messages, limitBytes: quota.bytes, limitMessages: quota.messages };
}
