import { readAttribute } from "../../mapping/remote-attributes.ts";
import type { LastAnswer, Outcome } from "../../model/attempt.ts";
import type { UserObserved } from "../../model/link.ts";
import { noteUnauthorized } from "../attempts/provider-failure.ts";
import { ProviderFailure } from "../ports/provider-failure.ts";
import type { UserContext, UserOutcome } from "./user-context.ts";

/** A request that was answered 202 may be carried out later, or never (RFC 9110 §15.3.3). */
export const isAccepted = ({ status }: LastAnswer): boolean => status === 202;

/**
 * Whether a read shows that an account which was to be closed is shut out or gone. Where accounts cannot be read, or hide
 * `active`, nothing more can be known, and the 202 counts as any other 2xx.
 */
export const isSeenClosed = async (
  { ports, integration, provider }: UserContext,
  remoteId: string,
  how: "deprovision" | "delete",
): Promise<boolean> => {
  try {
    const account = await provider.readUser(remoteId);
    const active = account && readAttribute(account.resource, "active");
    return !account || active === false || (how === "deprovision" && active === undefined);
  } catch (error) {
    if (!(error instanceof ProviderFailure)) throw error;
    await noteUnauthorized({ ports, integration }, error);
    return error.kind === "rejected" || error.kind === "malformed";
  }
};

/** It was accepted and is not shown to be done. `observed`: with the doubt. The same call again looks at the account. */
export const notCarriedOutYet = (
  { ports: { clock } }: UserContext,
  about: Pick<Outcome, "eventType" | "changes" | "answer">,
  observed: UserObserved,
): UserOutcome => ({
  outcome: {
    success: false,
    ...about,
    errorMessage:
      "The service provider answered 202 Accepted and has not carried it out yet: the account is not shown to be closed. The same call again looks once more.",
  },
  observed: { ...observed, closingAt: new Date(clock.now()).toISOString() },
  waits: true,
});
