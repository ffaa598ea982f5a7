import type { LastAnswer } from "../../model/attempt.ts";

export type ProviderFailureKind =
  /** 401: the credentials are not (any longer) accepted. */
  | "unauthorized"
  /** 404 for a resource that was addressed by id. */
  | "not-found"
  /** 409. */
  | "conflict"
  /** Any other refusal (400, 403, 413, 422, 501 …): repeating it unchanged is useless. */
  | "rejected"
  /** A 2xx that is not SCIM (HTML, broken JSON, no id), or an answer past the size limit. */
  | "malformed"
  /** 202 to a creation, without the resource: the provider carries it out later (RFC 7240 §4.1, RFC 9967). */
  | "accepted"
  /** Time-out, reset, 408, 425, 429, 5xx, after the retries that fitted. */
  | "unavailable"
  /** The outbound guard refused the address: nothing was sent. */
  | "refused-target"
  /** The time of the call is over: nothing was sent. */
  | "out-of-time"
  /** Something newer was asked for while the request waited: it was not sent, or not again. */
  | "superseded";

/**
 * What the service provider, or the way to it, did wrong. `message` says what happened, with the status and without a
 * full stop; the provider's words are in `details`. Both are fit for the caller and the event: cut, without the secret.
 */
export class ProviderFailure extends Error {
  readonly kind: ProviderFailureKind;
  /** HTTP status, where there was an answer. */
  readonly status: number | undefined;
  /** The provider's own words, cut to 1,000 characters. */
  readonly details: string[];
  /** `uniqueness`, `noTarget` … (RFC 7644 §3.12), where the provider says it; many do not. */
  readonly scimType: string | undefined;
  /** True where the provider may have applied the request although it failed (lost reply, 5xx, unreadable 2xx). */
  readonly maybeApplied: boolean;
  readonly retryAfterSeconds: number | undefined;
  /** True where it was not the service provider, but the token endpoint of its credentials. */
  readonly isOfTokenEndpoint: boolean;
  /** True where there is no way to the address that could come back by itself: no such name, no trusted certificate. */
  readonly isUnreachable: boolean;
  /** True where a read has shown already that there is nothing under the id. */
  readonly isSeenGone: boolean;
  /** What the provider had said last when it failed. The client sets it on what it throws for a request. */
  answer: LastAnswer | undefined;

  constructor(kind: ProviderFailureKind, message: string, extras: FailureExtras = {}) {
    super(message);
    this.name = "ProviderFailure";
    this.kind = kind;
    this.status = extras.status;
    this.details = extras.details ?? [];
    this.scimType = extras.scimType;
    this.maybeApplied = extras.maybeApplied ?? false;
    this.retryAfterSeconds = extras.retryAfterSeconds;
    this.isOfTokenEndpoint = extras.isOfTokenEndpoint ?? false;
    this.isUnreachable = extras.isUnreachable ?? false;
    this.isSeenGone = extras.isSeenGone ?? false;
    this.answer = extras.answer;
  }

  /** The same failure with other words or another kind. All that `other` does not name stays as it is. */
  copyWith({
    kind = this.kind,
    message = this.message,
    ...other
  }: { kind?: ProviderFailureKind; message?: string } & FailureExtras): ProviderFailure {
    return new ProviderFailure(kind, message, { ...this, ...other });
  }
}

type FailureExtras = Partial<
  Pick<
    ProviderFailure,
    | "status"
    | "details"
    | "scimType"
    | "maybeApplied"
    | "retryAfterSeconds"
    | "isOfTokenEndpoint"
    | "isUnreachable"
    | "isSeenGone"
    | "answer"
  >
>;
