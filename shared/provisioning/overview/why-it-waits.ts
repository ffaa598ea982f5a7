import type { HeldItem } from "../../model/hold.ts";
import { type Integration, statusOf } from "../../model/integration.ts";
import type { AttemptHistory, Unconfirmed } from "../../model/link.ts";
import { isLeftState, type LeftState, type Work } from "../../model/work.ts";
import type { IntegrationContext, Ports } from "../ports/ports.ts";
import type { ObjectRef } from "../ports/work-index.ts";

/** What holds an object up that bears that mark. */
export const whyItWaits = async (
  { ports, integration }: IntegrationContext,
  about: ObjectRef,
  { lastError, unconfirmed }: AttemptHistory,
  { state, at }: Work,
): Promise<string> => {
  if (state === "held") return whyHeld(ports, integration, about);
  if (isLeftState(state)) return leftToPeople(integration, about, state);
  if (state === "unconfirmed") return whyUnconfirmed(unconfirmed);
  const last = lastError ? ` The last try: ${lastError.detail}` : "";
  const status = statusOf(integration);
  if (status !== "active") return `The integration is ${status}.${last}`;
  return `${state === "pending" ? "It waits for its turn" : `It is tried again at ${new Date(at).toISOString()}`}.${last}`;
};

/** Whoever holds the user decides again what becomes of the account; until then it is nobody's to close but theirs. */
const leftToPeople = ({ integrationId }: Integration, { id }: ObjectRef, state: LeftState): string =>
  `${whyLeft[state]}, so nothing is sent. DELETE /integrations/${integrationId}/users/${id}?action=deprovision closes it; or close it at the service provider, and verify the user.`;

const whyLeft: Record<LeftState, string> = {
  unmanaged: "It was imported, and neither an assignment nor a bound group holds the user",
  deprovisioned:
    "Neither an assignment nor a bound group holds the user any longer, and onUserUnassigned is none, which leaves the account as it is",
};

const whyUnconfirmed = ({ expected, foundAt }: Partial<Unconfirmed> = {}): string => {
  const paths = Object.keys(expected ?? {}).join(", ") || "see its events";
  return foundAt === undefined
    ? `The service provider answered with success and shows otherwise: ${paths}.`
    : `A verification at ${foundAt} found it otherwise at the service provider: ${paths}.`;
};

/** Where the removal was rejected: by whom, and why. */
const whyHeld = async (
  { holds }: Ports,
  { integrationId }: Integration,
  { kind, id }: ObjectRef,
): Promise<string> => {
  const items: HeldItem[] = await (kind === "user"
    ? holds.itemsOf(integrationId, [{ userId: id }])
    : holds.ofGroup(integrationId, id));
  const decided = items.find(({ state }) => state === "rejected")?.decided;
  if (!decided || items.some(({ state }) => state === "held"))
    return "The guard holds it, until it is approved.";
  const { by, at, reason } = decided;
  const why = reason === undefined ? "" : ` (${reason})`;
  return `${by.email ?? by.id} accepted at ${at} that the access stays${why}, until what is wanted changes.`;
};
