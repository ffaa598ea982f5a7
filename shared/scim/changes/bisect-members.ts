import { ProviderFailure, type ServiceProvider } from "../../provisioning/ports/service-provider.ts";
import { type MemberChange, sizeOf, splitMembers } from "./patch.ts";

type ChangeMembers = Parameters<ServiceProvider["changeMembers"]>;
export type Told = {
  done: ChangeMembers[2];
  isLost: NonNullable<ChangeMembers[3]>["isLost"] | undefined;
};
export type ReadGroup = () => ReturnType<ServiceProvider["readGroup"]>;

export const blamesNobody = ({ remove }: MemberChange, { scimType }: ProviderFailure): boolean =>
  remove.length > 0 && scimType?.toLowerCase() === "notarget";

/** About ourselves, the method, the version, the size or the rate: the same for every member. */
const notOfMembers = new Set([401, 405, 407, 408, 412, 413, 425, 428, 429, 501]);

/**
 * Refusals that one member may be the reason of, unknown there, inactive or not allowed in this group. Some servers
 * answer 500 then; the client has repeated it by now. One with a Retry-After is about the moment.
 */
export const mayConcernOneMember = ({
  status = 0,
  retryAfterSeconds,
  isOfTokenEndpoint,
}: ProviderFailure): boolean =>
  status >= 400 && !notOfMembers.has(status) && retryAfterSeconds === undefined && !isOfTokenEndpoint;

/** How many refusals in a row may pass without a member that goes through, or is found to be lost. */
const mostInARow = (size: number): number => 2 * Math.ceil(Math.log2(size)) + 4;

/**
 * What is to be sent in place of a chunk that was refused: its halves, down to the members in whom the reason lies, so
 * that few requests find them, and what went through stays whenever the call ends. Nothing for a member who is lost, or
 * who is refused alone: such a refusal is kept, and is the failure once the others are through. Throws the refusal where
 * halving does not help: a 404 may be about the group, and a provider may refuse everything.
 */
export const openBisection = ({ done, isLost }: Told, readGroup: ReadGroup) => {
  let isThere = false;
  let inARow = 0;
  let most = 0;
  let ofOne: ProviderFailure | undefined;

  /** Whether halving can help. */
  const isOfMembers = async (refusal: ProviderFailure): Promise<boolean> => {
    if (!mayConcernOneMember(refusal)) return false;
    if (refusal.kind === "not-found") isThere ||= !(await isGone(readGroup));
    return refusal.kind !== "not-found" || isThere;
  };
  const leaveOut = async ({ add, remove }: MemberChange, refusal: ProviderFailure): Promise<void> => {
    const [leaving] = remove;
    const lost = isLost?.(String(leaving ?? add[0]), leaving === undefined ? "add" : "remove");
    const nothing = { added: [], removed: [], unconfirmed: [], doubtful: [] };
    if (await lost?.catch(refusedFor(refusal))) {
      inARow = 0;
      if (leaving !== undefined) await done({ ...nothing, removed: [leaving] });
      return;
    }
    ofOne ??= refusal;
    if (refusal.maybeApplied) await done({ ...nothing, doubtful: [...remove, ...add] });
  };

  const insteadOf = async (chunk: MemberChange, refusal: ProviderFailure): Promise<MemberChange[]> => {
    const size = sizeOf(chunk);
    if (size > 1 && blamesNobody(chunk, refusal)) return halvesOf(chunk);
    if (!isLost || !(await isOfMembers(refusal))) throw refusal;
    most = Math.max(most, mostInARow(size));
    inARow += 1;
    if (inARow > most) throw refusal;
    if (size > 1) return halvesOf(chunk);
    await leaveOut(chunk, refusal);
    return [];
  };
  return {
    insteadOf,
    /** Something went through: the provider does not refuse everything. */
    noteTaken: () => {
      inARow = 0;
    },
    /** The first refusal of one member alone. */
    refusalOfOne: () => ofOne,
  };
};

const halvesOf = (chunk: MemberChange): MemberChange[] => splitMembers(chunk, Math.ceil(sizeOf(chunk) / 2));

/** An account of which nobody can tell says nothing of the refusal, which stays the failure. But a 401 stops the integration. */
const refusedFor =
  (refusal: ProviderFailure) =>
  (error: unknown): never => {
    throw error instanceof ProviderFailure && error.kind !== "unauthorized" ? refusal : error;
  };

/** A group of which nobody can tell is not gone: it may be too large to be read. But a 401 stops the integration. */
const isGone = async (readGroup: ReadGroup): Promise<boolean> => {
  try {
    return (await readGroup()) === undefined;
  } catch (error) {
    if (error instanceof ProviderFailure && error.kind !== "unauthorized") return false;
    throw error;
  }
};
