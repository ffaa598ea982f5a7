import { userIdSchema } from "../../model/directory.ts";
import { ScimError } from "../../scim-server/errors/scim-error.ts";
import type { MemberChange } from "../../scim-server/resources/member-change.ts";
import type { Asking } from "../access/asking.ts";
import { isOwned } from "../access/require-owned.ts";

/** As many as a call can change, a part of it at a time, within a few times of its own. */
const mostMembers = 10_000;
/** Of a group; who comes after these has to be sent again. */
const mostWaiting = 500;

/** Members who are users of the source, and those who are not yet, up to as many as may wait. */
export type Sorted = { known: string[]; unknown: string[] };

/**
 * Whom of those that are to be members the source has. One unknown id does not refuse the others: some identity providers push
 * groups before their users, and none sends a refused push again.
 * @throws ScimError 413 where they are too many; nothing is done then
 */
export const sortMembers = async (asking: Asking, change: MemberChange): Promise<Sorted> => {
  const wanted = "all" in change ? change.all : change.add;
  const named = "all" in change ? wanted.length : wanted.length + change.remove.length;
  if (named > mostMembers)
    throw new ScimError(413, `The request names more than ${mostMembers} members. Send them in several.`);
  // What cannot be an id of a user never will be one.
  const possible = wanted.filter((id) => userIdSchema.safeParse(id).success);
  const found = await asking.ports.users.readMany(possible);
  const isKnown = (id: string) => isOwned(asking, found.get(id));
  const unknown = possible.filter((id) => !isKnown(id)).slice(0, mostWaiting);
  return { known: possible.filter(isKnown), unknown };
};

/** Who waits for the group after the change. */
export const waitingAfter = (
  before: readonly string[] = [],
  change: MemberChange,
  { known, unknown }: Sorted,
): string[] => {
  const gone = new Set("all" in change ? before : [...change.remove, ...known]);
  return [...new Set([...before.filter((id) => !gone.has(id)), ...unknown])].slice(0, mostWaiting);
};
