import { isSameName } from "../common/names.ts";
import { liveOwners } from "../directory/live-owners.ts";
import type { SavedUser } from "../model/directory.ts";
import { Failure } from "../model/failure.ts";
import type { ConflictReason, Source } from "../model/source.ts";
import type { Ports } from "../provisioning/ports/ports.ts";
import { noteConflict } from "./note-conflict.ts";

type FindingPorts = Pick<Ports, "users" | "sources" | "conflicts" | "clock">;
/** A person as a source names them; `addresses` are those of the body, the primary one first. */
export type NamedPerson = { userName: string; addresses: string[]; externalId?: string };

/** More of one address are no help to anybody. */
const mostNamesakes = 10;

/**
 * The user who is there already and passes to the source by being named, or undefined where the person is new: one without an
 * owner, or of a source that is gone, or given to this source by a call, who has this userName as username or address, or one
 * of these addresses. `linkByEmail` says whether users of other sources pass, too, or none at all. Users whom the source has named
 * otherwise are other people to it, whatever their address. To be asked once `userOfName` has found nobody; the user has to be
 * taken with `changeOwnedUser`, whose `compute` calls `requireSameOwner`.
 * @throws Failure `name-taken` where the person is there and does not pass; it is noted as a conflict of the source
 */
export const findPerson = async (
  ports: FindingPorts,
  source: Source,
  person: NamedPerson,
): Promise<SavedUser | undefined> => {
  const found = await namesakes(ports, person);
  const isLive = await liveOwners(
    ports,
    found.map(({ source: owner }) => owner),
  );
  const isOther = ({ source: owner }: SavedUser) => isLive(owner) && owner.sourceId !== source.sourceId;
  const isOwn = ({ source: owner }: SavedUser) => isLive(owner) && owner.sourceId === source.sourceId;
  const isGiven = ({ source: owner }: SavedUser) =>
    owner?.sourceId === source.sourceId && owner.isGiven === true;
  const candidates = found.filter((saved) => !isOwn(saved) || isGiven(saved));
  if (candidates.length === 0) return undefined;
  const others = candidates.filter(isOther);
  if (others.length > 0 && source.linkByEmail !== "any")
    throw await refuse(ports, source, { person, users: others, reason: "other-source" });
  const passing = candidates.filter((saved) => isGiven(saved) || source.linkByEmail !== "never");
  if (passing.length === 0)
    throw await refuse(ports, source, { person, users: candidates, reason: "not-linked" });
  const [only, ...more] = nearest(passing, person);
  if (more.length > 0) throw await refuse(ports, source, { person, users: passing, reason: "several" });
  return only;
};

/**
 * That the user is still whose they were when they were found.
 * @throws Failure `attempt-in-progress`
 */
export const requireSameOwner = (found: SavedUser, now: SavedUser | undefined): void => {
  const isSame = now && !now.deleted && now.source?.sourceId === found.source?.sourceId;
  if (isSame && now.source?.isGiven === found.source?.isGiven) return;
  throw new Failure("attempt-in-progress", `User ${found.userId} is passing to a source. Call again.`, {
    retryAfterSeconds: 1,
  });
};

/** Users of these addresses, or of this username. */
const namesakes = async (
  { users }: Pick<Ports, "users">,
  { userName, addresses }: NamedPerson,
): Promise<SavedUser[]> => {
  const texts = new Set([userName, ...addresses].map((address) => address.trim().toLowerCase()));
  const lists = await Promise.all([
    users.ofUsername(userName, mostNamesakes),
    ...[...texts]
      .filter((text) => text.includes("@"))
      .map(async (email) => (await users.list({ email, limit: mostNamesakes })).items),
  ]);
  return [...new Map(lists.flat().map((saved) => [saved.userId, saved])).values()];
};

/** Of several the one whose own username or address is the userName itself, where that is one alone. */
const nearest = (users: SavedUser[], { userName }: NamedPerson): SavedUser[] => {
  const isNamed = ({ user }: SavedUser) =>
    (user.email !== undefined && isSameName(user.email, userName)) ||
    (user.username !== undefined && isSameName(user.username, userName));
  const named = users.filter(isNamed);
  return named.length === 1 ? named : users;
};

const reasons: Record<Exclude<ConflictReason, "name-taken" | "members-dropped">, string> = {
  "other-source": "Another source owns the user of this userName or address.",
  "not-linked":
    "A user of this userName or address is there already, and users do not pass to this source by being named.",
  several: "More than one user has this userName or address.",
};

const refuse = async (
  ports: FindingPorts,
  { sourceId }: Source,
  about: { person: NamedPerson; users: SavedUser[]; reason: keyof typeof reasons },
): Promise<Failure> => {
  const { person, users, reason } = about;
  const { userName, externalId } = person;
  const ownerId = reason === "other-source" ? users[0]?.source?.sourceId : undefined;
  await noteConflict(ports, sourceId, {
    kind: "user",
    name: userName,
    ...(externalId !== undefined && { externalId }),
    reason,
    userIds: users.map(({ userId }) => userId),
    ...(ownerId !== undefined && { ownerId }),
  });
  return new Failure("name-taken", `${reasons[reason]} An admin can see this conflict and end it.`, {
    facts: { name: userName },
  });
};
