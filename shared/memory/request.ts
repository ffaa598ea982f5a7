import { Failure } from "../model/failure.ts";

/**
 * How a store in memory makes one request of what would be its table: `apply` is the whole of it, at one moment. A
 * simulation delays it, refuses it, or loses the reply once it was applied.
 */
export type Request = <T>(what: string, apply: () => T) => Promise<T>;

/** At once, and always. */
export const atOnce: Request = async (_, apply) => apply();

/** What goes in or comes out of a store is nobody else's object, and holds nothing that is undefined. */
export const copyOf = <T>(value: T): T => (value === undefined ? value : JSON.parse(JSON.stringify(value)));

/** As a table that is throttled, or away. */
export const unavailable = (cause?: unknown): Failure =>
  new Failure("store-unavailable", "The store did not answer. Call again.", { retryAfterSeconds: 5, cause });
