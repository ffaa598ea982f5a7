import { Failure, type FailureCode } from "../../model/failure.ts";
import { type Integration, statusOf } from "../../model/integration.ts";
import type { Call } from "../ports/ports.ts";

/** What is about to be sent. `endsAccess`: it takes access away. */
export type Sending = { call?: Pick<Call, "isAutomatic" | "isProbe">; endsAccess?: boolean };

/**
 * Whether anything may be sent to the integration's service provider. In quarantine that is a probe, and what a caller asks
 * to be taken away.
 */
export const isSendable = (integration: Integration, { call, endsAccess }: Sending = {}): boolean => {
  const status = statusOf(integration);
  if (status !== "quarantined") return status === "active";
  return call?.isProbe === true || (call !== undefined && !call.isAutomatic && endsAccess === true);
};

/** What waits for a person, or for the provider to recover, is not sooner done for being asked for again. */
const retryAfterSeconds = 60;

/** @throws Failure where nothing may be sent: see `isHeldBack` */
export const requireSendable = (integration: Integration, sending: Sending): void => {
  if (isSendable(integration, sending)) return;
  const { integrationId } = integration;
  const status = statusOf(integration);
  if (status === "needs_reauth")
    throw new Failure(
      "integration-needs-reauth",
      `The service provider refused the credentials of integration ${integrationId}. Give it new ones with reauth.`,
      { retryAfterSeconds },
    );
  throw new Failure(
    "integration-not-active",
    `Integration ${integrationId} is ${status}. What was asked for is carried out once it is active again.`,
    { retryAfterSeconds },
  );
};

const heldBack: ReadonlySet<FailureCode> = new Set(["integration-needs-reauth", "integration-not-active"]);

/** Whether the integration as a whole keeps what was asked for from being sent. */
export const isHeldBack = ({ code }: Failure): boolean => heldBack.has(code);
