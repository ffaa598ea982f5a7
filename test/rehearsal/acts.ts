import { changeSavedMembers, saveGroup } from "../../shared/directory/save-group.ts";
import { patchUser, saveUser } from "../../shared/directory/save-user.ts";
import { changeGroupMembers } from "../../shared/provisioning/calls/change-group-members.ts";
import { deleteGroup } from "../../shared/provisioning/calls/delete-group.ts";
import { deleteUser } from "../../shared/provisioning/calls/delete-user.ts";
import { deprovisionUser } from "../../shared/provisioning/calls/deprovision-user.ts";
import { lockUser, unlockUser } from "../../shared/provisioning/calls/lock-user.ts";
import { provisionGroup } from "../../shared/provisioning/calls/provision-group.ts";
import { provisionUser } from "../../shared/provisioning/calls/provision-user.ts";
import { unbindGroup } from "../../shared/provisioning/calls/unbind-group.ts";
import type { Call, Ports } from "../../shared/provisioning/ports/ports.ts";
import { aUser } from "../provisioning/automatic/service.ts";

/** A call of the API, by its use case; users and groups by number. */
export type Act =
  | { do: "save" | "assign" | "leave" | "lock" | "unlock" | "suspend"; user: number; title?: string }
  | { do: "take out"; user: number; action: "deprovision" | "delete" }
  | { do: "save group" | "bind"; group: number; name: string; members: number[] }
  | { do: "members" | "bound members"; group: number; add: number[]; remove: number[] }
  | { do: "end" | "unbind" | "unbind and delete"; group: number };

export const userId = (at: number): string => `user-${at}`;
export const groupId = (at: number): string => `group-${at}`;

/** Carries the act out over `ports`, at that integration where it concerns one alone. */
export const perform = async (
  ports: Ports,
  call: Call,
  integrationId: string,
  act: Act,
): Promise<unknown> => {
  const asking = { ports, call };
  if ("user" in act) {
    const id = userId(act.user);
    const at = { integrationId, userId: id };
    switch (act.do) {
      case "save":
        return saveUser(asking, id, aUser(id, act.title === undefined ? {} : { jobTitle: act.title }));
      case "suspend":
        return patchUser(asking, id, (user) => ({ ...user, suspended: user.suspended !== true }));
      case "assign":
        return provisionUser(ports, call, at);
      case "take out":
        return deprovisionUser(ports, call, at, { action: act.action });
      case "leave":
        return deleteUser(ports, call, id);
      case "lock":
        return lockUser(ports, call, id, "stolen phone");
      case "unlock":
        return unlockUser(ports, call, id);
    }
  }
  const id = groupId(act.group);
  const at = { integrationId, groupId: id };
  const ids = (members: number[]) => [...new Set(members)].map(userId);
  switch (act.do) {
    case "save group":
      return saveGroup(asking, id, { name: act.name, members: ids(act.members) });
    case "bind":
      return provisionGroup(ports, call, at, { name: act.name, members: ids(act.members), existing: "keep" });
    case "members":
      return changeSavedMembers(asking, id, { add: ids(act.add), remove: ids(act.remove) });
    case "bound members":
      return changeGroupMembers(ports, call, at, { add: ids(act.add), remove: ids(act.remove) });
    case "end":
      return deleteGroup(ports, call, id);
    default:
      return unbindGroup(ports, call, at, act.do === "unbind" ? {} : { action: "delete" });
  }
};
