import { endDirectoryGroup } from "../../directory/change-directory-group.ts";
import { Failure } from "../../model/failure.ts";
import type { Integration } from "../../model/integration.ts";
import type { GroupLink } from "../../model/link.ts";
import type { EndedGroupReceipt } from "../../model/receipt.ts";
import { presentIntegration } from "../attempts/require-integration.ts";
import { countLosses } from "../guard/count-losses.ts";
import { guardInAll } from "../guard/guard-losses.ts";
import { noteConfirmed } from "../guard/open-leavers.ts";
import type { Call, Ports } from "../ports/ports.ts";
import { endGroup, staysAsItIs } from "./end-group.ts";
import { inEveryIntegration } from "./in-every-integration.ts";
import { heldMembers } from "./unbind-group.ts";

type Held = { integration: Integration; link: GroupLink };

/**
 * The group ends: its members lose it, and `onGroupDeleted` is applied in every integration that it is bound to. What
 * fails in one integration keeps nobody in another; its receipt says so. The same call again continues.
 * @throws Failure `not-found`; `deprovisions-held` where it takes away more than is free, counted over all integrations
 * that hold it back
 */
export const deleteGroup = async (
  ports: Ports,
  call: Call,
  groupId: string,
  confirm?: number,
): Promise<EndedGroupReceipt> => {
  const before = await ports.groups.read(groupId);
  if (!before) throw new Failure("not-found", `The directory has no group ${groupId}.`);
  const held = await heldIn(ports, groupId);
  // What has ended was let pass then.
  const isConfirmed = !before.deleted && (await guardInAll(await countAll(ports, groupId, held), confirm));
  const ended = await endDirectoryGroup({ ports, call, carriedOut: { until: call.answerUntil } }, groupId);
  if (isConfirmed && ended)
    for (const { link } of held) if (link.assignment.bound) await noteConfirmed(ports, link, ended);
  const receipts = await inEveryIntegration({ ports, call }, held, ({ integration }) =>
    endGroup({ ports, call, integration }, groupId),
  );
  return { groupId, receipts };
};

const heldIn = async (ports: Ports, groupId: string): Promise<Held[]> => {
  const links = await ports.groupLinks.ofObject(groupId);
  const held = links.map(async (link) => {
    const integration = await presentIntegration(ports, link.integrationId);
    return integration ? [{ integration, link }] : [];
  });
  return (await Promise.all(held)).flat();
};

/** What the end takes away in each integration to which the group is bound. */
const countAll = async (ports: Ports, groupId: string, held: Held[]) => {
  const bound = held.filter(({ link }) => link.assignment.bound);
  return Promise.all(
    bound.map(async ({ integration, link }) => {
      const context = { ports, integration };
      const userIds = await heldMembers(ports, link);
      const leaving = { groupId, userIds, leavesGroup: !staysAsItIs(integration) };
      return { context, losses: await countLosses(context, leaving, { group: link }) };
    }),
  );
};
