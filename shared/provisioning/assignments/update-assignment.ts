import { isDeepStrictEqual } from "node:util";
import { Failure } from "../../model/failure.ts";
import type { GroupAssignment, GroupLink, Link, UserAssignment, UserLink } from "../../model/link.ts";
import { inCaseOfDeath } from "../attempts/left-to-call.ts";
import type { LinkKey, LinkStore } from "../ports/link-store.ts";
import type { Ports } from "../ports/ports.ts";
import { isInScope, unassigned, unbound } from "./assignment.ts";

const maxTries = 20;

/**
 * Change who holds the user; read, apply, write if nobody wrote meanwhile. Nothing is written where nothing changes. What
 * `change` reads itself is read after the link, so that a call that came between writes to the link and is seen.
 * `known` is the link read just before, perhaps at revision 0: it saves the first read.
 */
export const updateUserAssignment = (
  ports: Ports,
  key: LinkKey,
  change: (now: UserAssignment) => UserAssignment | Promise<UserAssignment>,
  known?: UserLink,
): Promise<UserLink> =>
  update(ports, ports.userLinks, key, {
    absent: unassigned,
    change,
    known,
    endsAccess: (assignment) => !isInScope(assignment),
  });

/** The same for a group's binding. */
export const updateGroupAssignment = (
  ports: Ports,
  key: LinkKey,
  change: (now: GroupAssignment) => GroupAssignment,
): Promise<GroupLink> =>
  update(ports, ports.groupLinks, key, {
    absent: unbound,
    change,
    endsAccess: ({ bound }) => !bound,
  });

type Update<A, O> = {
  absent: A;
  change: (now: A) => A | Promise<A>;
  known?: Link<A, O> | undefined;
  /** By the assignment alone: other access may have to end all the same, so a mark that says so stays. */
  endsAccess(assignment: A): boolean;
};

const update = async <A, O extends { attempts: number }>(
  ports: Ports,
  store: LinkStore<A, O>,
  key: LinkKey,
  { absent, change, known, endsAccess }: Update<A, O>,
): Promise<Link<A, O>> => {
  for (let tries = 1; tries <= maxTries; tries += 1) {
    const link = tries === 1 && known ? known : await store.read(key);
    const now = link?.assignment ?? absent;
    const changed = await change(now);
    if (link && link.rev > 0 && isDeepStrictEqual(changed, now)) return link;
    const urgency = endsAccess(changed) ? 0 : (link?.work?.urgency ?? 1);
    const work = inCaseOfDeath(ports, link?.work, urgency);
    const saved = await store.assign(key, link?.rev ?? 0, changed, work);
    if (saved) return saved;
    await ports.clock.sleep(5 * tries);
  }
  throw new Failure("attempt-in-progress", `The assignment of ${key.id} keeps changing. Repeat the call.`, {
    retryAfterSeconds: 1,
  });
};
