import { allPages } from "../common/all-pages.ts";
import { concurrently } from "../common/concurrently.ts";
import { liveOwners } from "../directory/live-owners.ts";
import type { SavedGroup, SavedUser } from "../model/directory.ts";
import { Failure } from "../model/failure.ts";
import type { Owner } from "../model/owner.ts";
import type { Adopted, AdoptInput } from "../model/source.ts";
import type { Call, Ports } from "../provisioning/ports/ports.ts";
import type { ObjectRef } from "../provisioning/ports/work-index.ts";
import { changeOwnedGroup } from "./change-owned-group.ts";
import { changeOwnedUser, type OwningPorts } from "./change-owned-user.ts";
import { existingSource } from "./change-source.ts";
import { joinAllWaiting } from "./join-waiting.ts";

type Asking = { ports: OwningPorts & Pick<Ports, "sources">; call: Call };
type Outcome = "given" | "kept" | "busy" | Adopted["skipped"][number]["reason"];

const atOnce = 16;
const pageSize = 200;
const shownMost = 100;

/**
 * Give the source users and groups that have no owner, or that of a source that is gone. It has them under their address or
 * username, or their name, until it names them itself; what they are stays as it is. What is its own already stays so, so that the
 * same call again goes on where the time of one was not enough. Groups that wait for users whom the source has by now take them in at
 * the end, also for a call that was cut off.
 * @throws Failure `not-found`
 */
export const adoptObjects = async (
  { ports, call }: Asking,
  sourceId: string,
  input: AdoptInput,
): Promise<Adopted> => {
  await existingSource(ports, sourceId);
  const adopted: Adopted = { state: "done", users: 0, groups: 0, skipped: [], skippedTotal: 0 };
  const give = givingTo({ ports, call }, sourceId);
  const giveSome = async (kind: ObjectRef["kind"], ids: string[], isNamed: boolean): Promise<void> => {
    await concurrently([...new Set(ids)], atOnce, async (id) => {
      if (ports.clock.now() >= call.sendUntil) {
        adopted.state = "pending";
        return;
      }
      const outcome = await give({ kind, id });
      if (outcome === "busy") adopted.state = "pending";
      else if (outcome === "given") adopted[kind === "user" ? "users" : "groups"] += 1;
      // Of all, those of other sources are none of those that were asked for.
      else if (outcome !== "kept" && (isNamed || outcome === "name-taken"))
        note(adopted, { kind, id }, outcome);
    });
  };
  if ("userIds" in input) await giveSome("user", input.userIds, true);
  else if ("groupIds" in input) await giveSome("group", input.groupIds, true);
  else {
    const isTheirs = ({ source }: SavedUser | SavedGroup) => source?.sourceId === sourceId;
    for await (const page of allPages((part) => ports.users.list(part), pageSize)) {
      if (adopted.state === "pending") break;
      await giveSome(
        "user",
        page.filter((saved) => !isTheirs(saved)).map(({ userId }) => userId),
        false,
      );
    }
    for await (const page of allPages((part) => ports.groups.list(part), pageSize)) {
      if (adopted.state === "pending") break;
      await giveSome(
        "group",
        page.filter((saved) => !isTheirs(saved)).map(({ groupId }) => groupId),
        false,
      );
    }
  }
  const isWhole = await joinAllWaiting({ ports, call }, sourceId);
  return isWhole ? adopted : { ...adopted, state: "pending" };
};

const note = (adopted: Adopted, { kind, id }: ObjectRef, reason: Adopted["skipped"][number]["reason"]) => {
  adopted.skippedTotal += 1;
  if (adopted.skipped.length < shownMost)
    adopted.skipped.push({ ...(kind === "user" ? { userId: id } : { groupId: id }), reason });
};

/** Gives one object to the source: what became of it. */
const givingTo =
  (asking: Asking, sourceId: string) =>
  async (object: ObjectRef): Promise<Outcome> => {
    const { ports } = asking;
    const found = await read(ports, object);
    if (!found || found.deleted) return "not-found";
    const before = found.source?.sourceId;
    if (before === sourceId && !found.source?.left) return "kept";
    const isLive = await liveOwners(ports, [found.source]);
    if (isLive(found.source)) return "owned";
    // A source that has taken it meanwhile keeps it.
    const isAsBefore = (now: SavedUser | SavedGroup) => !now.deleted && now.source?.sourceId === before;
    try {
      const saved = await giveTo(asking, sourceId, object, isAsBefore);
      return saved?.source?.sourceId === sourceId ? "given" : "owned";
    } catch (error) {
      if (error instanceof Failure && error.code === "name-taken") return "name-taken";
      if (error instanceof Failure && error.code === "attempt-in-progress") return "busy";
      throw error;
    }
  };

const giveTo = (
  asking: Asking,
  sourceId: string,
  { kind, id }: ObjectRef,
  isAsBefore: (now: SavedUser | SavedGroup) => boolean,
): Promise<SavedUser | SavedGroup | undefined> => {
  const since = new Date(asking.ports.clock.now()).toISOString();
  const owner = (name: string): Owner => ({ sourceId, name, since, isGiven: true });
  if (kind === "user")
    return changeOwnedUser({ ...asking, joinsLater: true }, id, (now) =>
      now && isAsBefore(now)
        ? { user: now.user, source: owner(now.user.username || now.user.email || now.userId) }
        : undefined,
    );
  return changeOwnedGroup(asking, id, (now) =>
    now && isAsBefore(now) ? { name: now.name, source: owner(now.name) } : undefined,
  );
};

const read = (
  { users, groups }: Pick<Ports, "users" | "groups">,
  { kind, id }: ObjectRef,
): Promise<SavedUser | SavedGroup | undefined> => (kind === "user" ? users.read(id) : groups.read(id));
