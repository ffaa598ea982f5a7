import type { GroupChange } from "../../provisioning/ports/directory-store.ts";
import { setAll } from "../table/expressions.ts";
import { groupListing } from "../table/keys.ts";
import type { GroupItem } from "./member-item.ts";

type Effect = Pick<GroupItem, "version" | "name" | "updatedAt" | "lastChange" | "memberCount" | "source"> & {
  voided: number[];
};

/**
 * The write by which a change of members takes effect. The count of members is part of it: it is that of the version
 * before and what this change has found to be different, so it counts exactly where the members do, whatever dies, and
 * a repeated write counts nothing twice. A group that ends keeps its item, so that its version goes on, and leaves the
 * index.
 */
export const effectOf = (
  groupId: string,
  effect: Effect,
  { ends, source }: Pick<GroupChange, "ends" | "source">,
): { change: string; values: Record<string, unknown> } => {
  const { version, updatedAt } = effect;
  const ended = { deleted: true, memberCount: 0, ended: { version, at: updatedAt } };
  const owner = ends || source === null ? {} : source && { source };
  const values = { ...effect, ...owner, ...(ends ? ended : groupListing(groupId)) };
  // The mark of a plan goes with it, unless the change itself has one.
  const marks = "workPk" in values ? "" : ", #workPk, #workSk";
  const disowned = ends || source === null ? ", #source" : "";
  return {
    change: `${setAll(values)} REMOVE ${ends ? "#listPk, #listSk" : "#deleted"}, #changing${marks}${disowned}`,
    values,
  };
};
