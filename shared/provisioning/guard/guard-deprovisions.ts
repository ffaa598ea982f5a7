import { concurrently } from "../../common/concurrently.ts";
import { Failure } from "../../model/failure.ts";
import { dropGroup, isInScope } from "../assignments/assignment.ts";
import type { IntegrationContext, Ports } from "../ports/ports.ts";

const freeCount = 10;
const freeShare = 0.1;

/**
 * Guard against mass deprovisioning: one call that would take away more than 10 users and more than 10 % of those in
 * scope does nothing, unless it confirms at least that many.
 * @throws Failure `deprovisions-held` with the count
 */
export const guardDeprovisions = async (
  context: IntegrationContext,
  groupId: string,
  leaving: string[],
  confirm: number | undefined,
): Promise<void> => {
  const held = await countHeld(context, groupId, leaving, confirm);
  if (!held) return;
  const { count, inScope } = held;
  throw new Failure(
    "deprovisions-held",
    `This call would take away ${count} of ${inScope} users. Nothing was done. To go on, repeat it with ?confirm=${count}.`,
    { facts: { count, inScope } },
  );
};

/** How many would be taken away, and of how many; undefined where these need no confirmation, or have it. */
export const countHeld = async (
  { ports, integration }: IntegrationContext,
  groupId: string,
  leaving: string[],
  confirm?: number,
): Promise<{ count: number; inScope: number } | undefined> => {
  if (integration.policies.onUserUnassigned === "none" || leaving.length <= freeCount) return undefined;
  const { integrationId, policies } = integration;
  const taken = await concurrently(leaving, 16, async (userId) => {
    const link = await ports.userLinks.read({ integrationId, id: userId });
    if (!link?.observed.remoteId || link.observed.pushed?.active === false || !isInScope(link.assignment))
      return 0;
    return isInScope(dropGroup(link.assignment, groupId, policies)) ? 0 : 1;
  });
  const count = taken.reduce<number>((sum, one) => sum + one, 0);
  if (count <= freeCount || (confirm !== undefined && confirm >= count)) return undefined;
  const inScope = await countInScope(ports, integrationId);
  return count <= inScope * freeShare ? undefined : { count, inScope };
};

const countInScope = async (ports: Ports, integrationId: string): Promise<number> => {
  let count = 0;
  let cursor: string | undefined;
  do {
    const page = await ports.userLinks.list(integrationId, { limit: 500, ...(cursor && { cursor }) });
    count += page.items.filter(({ assignment }) => isInScope(assignment)).length;
    cursor = page.nextCursor;
  } while (cursor);
  return count;
};
