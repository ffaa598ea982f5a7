import { readAttribute } from "../mapping/remote-attributes.ts";
import type { RemoteResource } from "../model/attributes.ts";
import { Failure } from "../model/failure.ts";
import { concurrently } from "./concurrently.ts";
import type { GroupPush, GroupWork } from "./group-work.ts";
import type { ProviderFailure } from "./ports/service-provider.ts";

/** As many as one chunk holds: the refused request named no more. */
const maxReads = 100;

/**
 * Some providers refuse a change of members when one of them is unknown or inactive there. Find those of `join` whose
 * account is gone or was shut out behind our back, and forget it or its activity, so that the next call makes it anew or
 * activates it. Their userIds; none where the refusal has another reason.
 */
export const dropLostMembers = async (
  { ports, provider, integration }: GroupWork,
  refusal: ProviderFailure,
  join: GroupPush["join"],
): Promise<string[]> => {
  if ((refusal.kind !== "not-found" && refusal.kind !== "rejected") || join.length === 0) return [];
  const suspects = join.slice(0, maxReads);
  const accounts = await concurrently(suspects, 8, ({ remoteId }) => provider.readUser(remoteId));
  const isInactive = (account: RemoteResource) => readAttribute(account.resource, "active") === false;
  const lost = suspects
    .map((member, at) => ({ ...member, account: accounts[at] }))
    .filter(({ account }) => account === undefined || isInactive(account));
  await concurrently(lost, 8, async ({ userId, remoteId, account }) => {
    const key = { integrationId: integration.integrationId, id: userId };
    const link = await ports.userLinks.read(key);
    if (!link || link.observed.remoteId !== remoteId) return;
    const { remoteId: _, baseUrl: __, pushed: { active: ___, ...pushed } = {}, ...rest } = link.observed;
    const observed = account ? { ...link.observed, pushed } : rest;
    if (!(await ports.userLinks.note(key, link.rev, observed))) {
      throw new Failure("attempt-in-progress", `User ${userId} is being changed. Repeat the call.`, {
        retryAfterSeconds: 1,
      });
    }
    if (account) return;
    const { integrationId, baseUrl } = integration;
    await ports.claims.release({ integrationId, kind: "user", baseUrl, remoteId, ownerId: userId });
  });
  return lost.map(({ userId }) => userId);
};
