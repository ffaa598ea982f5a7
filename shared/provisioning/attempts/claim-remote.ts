import { Failure } from "../../model/failure.ts";
import type { Integration } from "../../model/integration.ts";
import type { AttemptHistory, Link } from "../../model/link.ts";
import type { Claim } from "../ports/link-store.ts";
import type { Ports } from "../ports/ports.ts";

type Target = { ports: Ports; integration: Pick<Integration, "integrationId" | "baseUrl"> };
type Located = AttemptHistory & { remoteId?: string; baseUrl?: string };

const words = {
  user: { resource: "Account", name: "e-mail" },
  group: { resource: "Group", name: "name" },
} as const;

/** Ask for a resource. Answers its owner then: `ownerId`, or the directory object that came first. */
export const claimRemote = async (
  { ports, integration: { integrationId, baseUrl } }: Target,
  kind: Claim["kind"],
  ownerId: string,
  remoteId: string,
): Promise<string> => (await ports.claims.claim({ integrationId, kind, baseUrl, remoteId, ownerId })).ownerId;

/**
 * Make the resource this directory object's own.
 * @throws Failure `account-claimed` where it belongs to another
 */
export const requireClaim = async (
  target: Target,
  kind: Claim["kind"],
  id: string,
  remoteId: string,
): Promise<void> => {
  const ownerId = await claimRemote(target, kind, id, remoteId);
  if (ownerId === id) return;
  const { resource, name } = words[kind];
  throw new Failure(
    "account-claimed",
    `${resource} ${remoteId} at the service provider belongs to directory ${kind} ${ownerId}; ${kind} ${id} would share it. Give one of them another ${name}.`,
  );
};

/** Claim the resource of `observed`, where `link` does not have it yet. False where it is another's. */
export const claimKnown = async <A, O extends Located>(
  ports: Ports,
  kind: Claim["kind"],
  { integrationId, id, observed: before }: Link<A, O>,
  { remoteId, baseUrl }: O,
): Promise<boolean> => {
  if (remoteId === undefined || baseUrl === undefined || remoteId === before.remoteId) return true;
  return (await claimRemote({ ports, integration: { integrationId, baseUrl } }, kind, id, remoteId)) === id;
};

/** Give up the resource that `link` names. */
export const releaseRemote = async <A, O extends Located>(
  ports: Ports,
  kind: Claim["kind"],
  {
    integrationId,
    id,
    observed: { remoteId, baseUrl },
  }: Pick<Link<A, O>, "integrationId" | "id" | "observed">,
): Promise<void> => {
  if (remoteId === undefined || baseUrl === undefined) return;
  await ports.claims.release({ integrationId, kind, baseUrl, remoteId, ownerId: id });
};
