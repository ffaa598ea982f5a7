import type { Profile } from "../model/profile.ts";
import { type KnownMembers, ProviderFailure } from "../provisioning/ports/service-provider.ts";
import type { MemberChange } from "./patch.ts";
import type { ReadGroup } from "./refused-chunk.ts";

/** Whom the answer to a change shows as members. `isRead`: not the answer, but a read after it, has told. */
export type Shown = { members?: string[] | undefined; isRead?: true };

type Group = { profile: Profile; known: KnownMembers | undefined; readGroup: ReadGroup };

/**
 * Finds out whether an empty list of members tells anything: not where others are in the group without a doubt, or the
 * profile says that members are hidden. Nor does it contradict a change that adds nobody.
 */
export const openEmptyLists = ({ profile, known }: Group, { add, remove }: MemberChange) => {
  const changing = new Set([...add, ...remove]);
  const find = async (): Promise<boolean> =>
    add.length === 0 ||
    !profile.readsMembers ||
    ((await known?.("sure")) ?? []).some((one) => !changing.has(one));
  let hides: Promise<boolean> | undefined;
  return async ({ members, ...how }: Shown): Promise<Shown> => {
    if (members?.length !== 0) return { members, ...how };
    hides ??= find();
    return (await hides) ? how : { members, ...how };
  };
};

/** The group's members, read once; undefined where nobody can tell. */
export const lookAtMembers = async (readGroup: ReadGroup): Promise<string[] | undefined> =>
  (await readGroup().catch(unlessRefused))?.members;

/** A read that fails shows nothing; but a 401 stops the integration, whatever else is in doubt. */
const unlessRefused = (error: unknown): undefined => {
  if (error instanceof ProviderFailure && error.kind !== "unauthorized") return undefined;
  throw error;
};
