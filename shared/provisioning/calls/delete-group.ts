import { endDirectoryGroup } from "../../directory/change-directory-group.ts";
import { Failure } from "../../model/failure.ts";
import type { Integration } from "../../model/integration.ts";
import type { GroupLink } from "../../model/link.ts";
import type { EndedGroupReceipt } from "../../model/receipt.ts";
import { presentIntegration } from "../attempts/require-integration.ts";
import type { Losses } from "../guard/free-losses.ts";
import { countHeld, requireConfirmed } from "../guard/guard-deprovisions.ts";
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
  const isConfirmed = !before.deleted && requireConfirmed(await countAll(ports, groupId, held), confirm);
  const ended = await endDirectoryGroup({ ports, call }, groupId);
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

/** What the end takes away where it is more than is free. */
const countAll = async (ports: Ports, groupId: string, held: Held[]): Promise<Losses | undefined> => {
  let all: Losses | undefined;
  for (const { integration, link } of held) {
    if (!link.assignment.bound) continue;
    const leaving = {
      groupId,
      userIds: await heldMembers(ports, link),
      leavesGroup: !staysAsItIs(integration),
    };
    const losses = await countHeld({ ports, integration }, leaving);
    if (losses)
      all = {
        accounts: (all?.accounts ?? 0) + losses.accounts,
        groupOnly: (all?.groupOnly ?? 0) + losses.groupOnly,
      };
  }
  return all;
};
