import { AddressRefused } from "./outbound-guard.ts";

export type TransportFailureReason =
  | "refused"
  | "late"
  | "held"
  | "stopped"
  | "superseded"
  | "unreachable"
  | "unconnected"
  | "stale-socket"
  | "timeout"
  | "reset";

/**
 * No answer. `held`, `stopped`, `superseded`, `unconnected` and `unreachable`: nothing was sent; the last will not
 * change by itself.
 */
export class TransportFailure extends Error {
  override readonly name = "TransportFailure";
  readonly reason: TransportFailureReason;

  /** When the rate limit leaves room again. */
  readonly retryAfterSeconds: number | undefined;

  constructor(reason: TransportFailureReason, message: string, retryAfterSeconds?: number) {
    super(message);
    this.reason = reason;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

const passing = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "ETIMEDOUT",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "EAI_AGAIN",
  "EPIPE",
]);

/** Codes only: Node's messages hold addresses that are no concern of the caller. */
export const describeError = (
  error: NodeJS.ErrnoException,
  state: { connected: boolean; stale: boolean },
): TransportFailure => {
  if (error instanceof AddressRefused) return new TransportFailure("refused", error.message);
  const code = error.code ?? "unknown error";
  const { hostname } = error as { hostname?: unknown };
  if (code === "ENOTFOUND" && typeof hostname === "string")
    return new TransportFailure(
      "unreachable",
      `the name ${hostname} does not exist: check its spelling, and that this machine can look names up`,
    );
  if (state.stale) return new TransportFailure("stale-socket", `the connection had been closed (${code})`);
  if (state.connected) return new TransportFailure("reset", `the connection broke off (${code})`);
  return new TransportFailure(
    passing.has(code) ? "unconnected" : "unreachable",
    `no connection could be made (${code})`,
  );
};
