import { type FaultKind, faultKinds } from "../providers/quirky/faults.ts";

/** What goes wrong with one request of a store. */
export const storeFaultKinds = [
  /** Throttled, or no answer: not applied. */
  "refused",
  /** Applied, and the reply is lost. */
  "reply-lost",
  /** The process dies before it is applied. */
  "death-before",
  /** It is applied, and the process dies. */
  "death-after",
  /** Seconds late. */
  "slow",
] as const;
export type StoreFaultKind = (typeof storeFaultKinds)[number];

/** What goes wrong with one request to the provider, beyond what HTTP fronts do to it. */
const furtherKinds = [
  /** No connection: the provider never sees the request. */
  "unconnected",
  /** Applied; the kept connection turns out closed. */
  "stale-socket",
  /** Not applied: JSON that is not SCIM, with 200. */
  "garbage",
  "501",
  "death-before",
  "death-after",
] as const;
export const networkFaultKinds = [...faultKinds, ...furtherKinds] as const;
export type NetworkFaultKind = FaultKind | (typeof furtherKinds)[number];

/**
 * The `nth` request of the call, counted from 0, and so many `times` from there on; of its stores or of its provider.
 */
export type Fault<K> = { nth: number; times?: number; kind: K };
export type StoreFault = Fault<StoreFaultKind>;
export type NetworkFault = Fault<NetworkFaultKind>;
