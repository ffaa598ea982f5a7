import { isSameName } from "../common/names.ts";
import { omit } from "../common/objects.ts";
import type { GroupObserved, PushedMember } from "../model/link.ts";
import type { SyncItem } from "../model/sync.ts";
import { isFresh } from "../provisioning/attempts/fresh-creation.ts";
import { isMembersOnly } from "../provisioning/memberships/group-capabilities.ts";
import { withName, withSpelling } from "../provisioning/memberships/group-names.ts";
import {
  withOpenMembers,
  withOpenName,
  withoutSettled,
} from "../provisioning/memberships/unconfirmed-group.ts";
import type { IntegrationContext } from "../provisioning/ports/ports.ts";
import type { ShownGroup } from "../provisioning/ports/service-provider.ts";
import type { BoundThere } from "./bound-there.ts";
import { type ComparedMembers, compareMembers } from "./compare-members.ts";
import { type Compared, withFound } from "./compare-user.ts";
import type { MembersShown } from "./members-shown.ts";

/** What was found of a group, what is known of it by then, and of its members. */
export type ComparedGroup = Compared<GroupObserved> & { members: PushedMember[] };

/**
 * A group, undefined where a read has said that there is none, beside what the directory says. As `compareUser`: what is to
 * be sent in its turn, or is held, is no finding. Who is not shown is not gone.
 * @throws ProviderFailure of `areShown`
 */
export const compareGroup = async (
  context: IntegrationContext,
  group: BoundThere,
  shown: ShownGroup | undefined,
  areShown: MembersShown,
): Promise<ComparedGroup> => {
  const now = context.ports.clock.now();
  const { observed } = group.link;
  if (!shown && isFresh(observed, now)) return { findings: [], observed, members: [] };
  if (!shown) return missing(group, now);
  const compared = shown.members && (await compareMembers(context, group, shown.members));
  const isDoubtful =
    shown.isSilent && compared !== undefined && compared.missing.length + compared.toNote.length > 0;
  const isHidden = isDoubtful && !(await areShown.isSure(group.saved.groupId));
  const members = isHidden ? undefined : compared;
  const { unconfirmed: before } = observed;
  const named = compareName(context, group, shown);
  const { unconfirmed, ...known } = members ? withMembers(named.observed, members) : named.observed;
  const open = {
    expected: omit(unconfirmed?.expected ?? {}, "id"),
    seen: omit(unconfirmed?.seen ?? {}, "id"),
  };
  return {
    findings: [...named.findings, ...(members?.findings ?? [])],
    observed: { ...known, ...withFound(before, open, now) },
    members: members?.toNote ?? [],
    ...(isHidden && { notShown: ["members"] }),
  };
};

const withMembers = (observed: GroupObserved, { missing: add, extra }: ComparedMembers): GroupObserved => {
  const settled = withoutSettled(observed, "", false);
  const users = (ids: string[]) => ids.toSorted();
  return withOpenMembers(settled, new Set(), { add: users(add), remove: users(extra) });
};

const compareName = (
  context: IntegrationContext,
  { saved, link }: BoundThere,
  { id, displayName }: ShownGroup,
): Compared<GroupObserved> => {
  const { observed } = link;
  const { name, shownName, uncertainNames = [], unconfirmed } = observed;
  const isDoubted = uncertainNames.length > 0 || unconfirmed?.expected.displayName !== undefined;
  const isOurs = isSameName(displayName, saved.name) || (name === saved.name && displayName === shownName);
  if (isOurs && !isDoubted) return { findings: [], observed };
  if (isOurs)
    return {
      findings: [],
      observed: withoutSettled(withSpelling(observed, saved.name, displayName), saved.name, true),
    };
  const isOnItsWay = !isDoubted && name !== undefined && name !== saved.name && isSameName(name, displayName);
  if (displayName === "" || isOnItsWay || isMembersOnly(context)) return { findings: [], observed };
  const finding: SyncItem = {
    kind: "group",
    groupId: saved.groupId,
    remoteId: id,
    finding: "renamed",
    path: "displayName",
    expected: saved.name,
    seen: displayName,
    state: "found",
  };
  return {
    findings: [finding],
    observed: withOpenName(withName(observed, displayName), saved.name, displayName),
  };
};

const missing = ({ saved: { groupId }, link: { observed } }: BoundThere, now: number): ComparedGroup => {
  const { remoteId = "", unconfirmed } = observed;
  const gone = { expected: { id: remoteId }, seen: { id: null } };
  return {
    findings: [{ kind: "group", groupId, remoteId, finding: "missing", state: "found" }],
    observed: {
      ...omit(observed, "unconfirmed"),
      ...withFound(unconfirmed?.foundAt ? unconfirmed : undefined, gone, now),
    },
    members: [],
  };
};
