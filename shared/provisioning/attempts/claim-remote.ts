import { Failure } from "../../model/failure.ts";
import type { Integration } from "../../model/integration.ts";
import type { AttemptHistory, Link } from "../../model/link.ts";
import type { Claim, Claimed } from "../ports/link-store.ts";
import type { Ports } from "../ports/ports.ts";

type Target = { ports: Ports; integration: Pick<Integration, "integrationId" | "baseUrl"> };
type Owner = { id: string; rev: number };
type Located = AttemptHistory & { remoteId?: string; baseUrl?: string };

const words = {
  user: {
    resource: "Account",
    advice: (userId: string) =>
      `Give one of them another e-mail, or delete user ${userId} from the directory, who gives it up then. Where ${userId} is leaving just now, repeat the call.`,
  },
  group: {
    resource: "Group",
    advice: (groupId: string) =>
      `Give one of them another name, or unbind group ${groupId}, which gives it up to the other then. Where ${groupId} is being unbound or deleted just now, repeat the call.`,
  },
} as const;

/** Ask for a resource. Answers its owner then: that of `link`, or the directory object that came first. */
export const claimRemote = (
  { ports, integration: { integrationId, baseUrl } }: Target,
  kind: Claim["kind"],
  { id: ownerId, rev }: Owner,
  remoteId: string,
): Promise<Claimed> => ports.claims.claim({ integrationId, kind, baseUrl, remoteId, ownerId, rev });

/**
 * Make the resource this directory object's own. A claim is taken over from an owner whose link does not name the
 * resource and who has no attempt under way: it is what a call left that was cut off, or was given up.
 * @throws Failure `account-claimed` where it belongs to another
 */
export const requireClaim = async (
  target: Target,
  kind: Claim["kind"],
  owner: Owner,
  remoteId: string,
): Promise<Claimed> => {
  const { ports, integration } = target;
  const { integrationId, baseUrl } = integration;
  // In this order: an owner who takes the resource again in between claims it anew, and then the claim does not move.
  const claimed = await claimRemote(target, kind, owner, remoteId);
  if (claimed.ownerId === owner.id) return claimed;
  const links = kind === "user" ? ports.userLinks : ports.groupLinks;
  const theirs = await links.read({ integrationId, id: claimed.ownerId });
  const isLeft = !theirs?.attempt && theirs?.observed.remoteId !== remoteId;
  const { id: ownerId, rev } = owner;
  if (isLeft && (await ports.claims.move({ integrationId, kind, baseUrl, remoteId, ownerId, rev }, claimed)))
    return { ownerId, rev, formerId: claimed.ownerId };
  const { resource, advice } = words[kind];
  throw new Failure(
    "account-claimed",
    `${resource} ${remoteId} at the service provider belongs to directory ${kind} ${claimed.ownerId}; ${kind} ${ownerId} would share it. ${advice(claimed.ownerId)}`,
  );
};

/**
 * Claim the resource of `observed`, which the object of `link` may have claimed, or given up, in an attempt that was left.
 * Undefined where it is another's, else who had it before, of one that `link` does not have yet. What was learned under
 * another base URL is claimed once it was looked at: a claim of then would take the place of one of now.
 */
export const claimKnown = async <A, O extends Located>(
  ports: Ports,
  kind: Claim["kind"],
  { integrationId, id, rev, observed: before }: Link<A, O>,
  { remoteId, baseUrl }: O,
): Promise<Pick<Claimed, "formerId"> | undefined> => {
  if (remoteId === undefined || baseUrl === undefined) return {};
  const integration = (await ports.integrations.read(integrationId))?.integration;
  if (integration?.baseUrl !== baseUrl) return {};
  const claimed = await claimRemote({ ports, integration }, kind, { id, rev }, remoteId);
  if (claimed.ownerId !== id) return undefined;
  return remoteId === before.remoteId ? {} : claimed;
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
