import type { Serves } from "../../model/asked.ts";
import type { SavedGroup, SavedUser } from "../../model/directory.ts";
import type { ChangeTime } from "../../model/directory-change.ts";
import type { AttemptHistory, GroupLink, UserObserved } from "../../model/link.ts";

/**
 * The changes of the user that an attempt carries out: those since it was considered last, and those that a failed attempt
 * left. One that closes the account carries out what took the access away, and what came after that.
 */
export const servedOfUser = (
  saved: SavedUser,
  { version, unserved }: Pick<UserObserved, "version"> & Pick<AttemptHistory, "unserved">,
  isClosing: boolean,
): Serves | undefined => {
  if (version === undefined) return undefined;
  const later = (saved.recent ?? []).filter(({ after }) => after >= version);
  const closing = isClosing ? later.findLastIndex(({ closes }) => closes) : -1;
  if (closing >= 0) return servesOf(later.slice(closing));
  const now = servesOf(later, saved.version - version);
  if (!now || !unserved) return unserved ?? now;
  return { since: unserved.since, requests: unserved.requests + now.requests };
};

/** The changes of the group since it was pushed last; of one that was not, its binding and what came after that. */
export const servedOfGroup = (
  saved: SavedGroup,
  { assignment, observed: { version } }: Pick<GroupLink, "assignment" | "observed">,
): Serves | undefined => {
  const { recent = [] } = saved;
  if (version !== undefined) {
    const isWhole = (recent[0]?.after ?? Number.POSITIVE_INFINITY) <= version;
    const later = recent.filter(({ after }) => after >= version);
    // Versions may skip numbers.
    return servesOf(later, isWhole ? later.length : saved.version - version);
  }
  const boundAt = assignment.asked?.at;
  if (boundAt === undefined) return undefined;
  const later = recent.filter(({ at }) => at > Date.parse(boundAt));
  return { since: boundAt, requests: 1 + later.length };
};

const servesOf = (changes: ChangeTime[], count = changes.length): Serves | undefined => {
  const [first] = changes;
  return first && { since: new Date(first.at).toISOString(), requests: Math.max(count, changes.length) };
};
