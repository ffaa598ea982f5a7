import type { World } from "./world.ts";

/** When each thing that still waits in the stores is due, in Unix ms, with what it is. What is held waits for nobody. */
export const waitingIn = ({ memory }: Pick<World, "memory">): { what: string; at: number }[] => {
  const objects = [
    ...[...memory.users.values()].map(({ userId, changed }) => ({ what: `user ${userId}`, changed })),
    ...[...memory.groups.values()].map(({ saved }) => ({
      what: `group ${saved.groupId}`,
      changed: saved.changed,
    })),
  ];
  const links = [
    ...[...memory.userLinks.values()].map((link) => ({ what: `link of user ${link.id}`, ...link })),
    ...[...memory.groupLinks.values()].map((link) => ({ what: `link of group ${link.id}`, ...link })),
  ];
  const rows = [...memory.integrations.entries()].map(([id, { attempt }]) => ({
    what: `integration ${id}`,
    attempt,
  }));
  const decisions = [...memory.holds.holds.values()].map(({ holdId, attempt }) => ({
    what: `hold ${holdId}`,
    attempt,
  }));
  return [
    ...objects.flatMap(({ what, changed }) =>
      changed ? [{ what: `${what}: changed`, at: changed.at }] : [],
    ),
    ...links.flatMap(({ what, work }) =>
      work && work.state !== "held" ? [{ what: `${what}: ${work.state}`, at: work.at }] : [],
    ),
    ...[...links, ...rows, ...decisions].flatMap(({ what, attempt }) =>
      attempt ? [{ what: `${what}: an attempt`, at: attempt.leaseUntil }] : [],
    ),
  ];
};

/** Clocks differ, and indexes lag: so much sooner is looked. */
export const earlyMs = 10_000;

export const isAnyDue = (world: World): boolean =>
  waitingIn(world).some(({ at }) => at <= world.scheduler.now() + earlyMs);
