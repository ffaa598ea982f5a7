import { ignoreFailure } from "../../provisioning/ports/ignore-failure.ts";
import type { ProviderFailure } from "../../provisioning/ports/provider-failure.ts";
import type { ServiceProvider } from "../../provisioning/ports/service-provider.ts";
import type { ResourceContext } from "../exchange/scim-request.ts";
import { lookAtMembers, readGroup } from "./group-members.ts";
import { emptyOutcome, type MemberRecord } from "./member-record.ts";
import { type MemberChange, type Piece, sizeOf, splitPiece } from "./patch.ts";

type IsLost = NonNullable<Parameters<ServiceProvider["changeMembers"]>[3]>["isLost"];

/** A removal found nobody (RFC 7644 §3.5.2.2): one of those who leave is gone already. */
export const isNoTarget = ({ remove }: MemberChange, { scimType }: ProviderFailure): boolean =>
  remove.length > 0 && scimType?.toLowerCase() === "notarget";

/** About ourselves, the method, the version, the size or the rate: the same for every member. */
const notOfMembers = new Set([401, 405, 407, 408, 412, 413, 425, 428, 429, 501]);

/**
 * Refusals that one member may be the reason of, unknown there, inactive or not allowed in this group. Some servers
 * answer 500 then; the client has repeated it by now. One with a Retry-After is about the moment.
 */
const mayConcernOneMember = ({
  status = 0,
  retryAfterSeconds,
  isOfTokenEndpoint,
}: ProviderFailure): boolean =>
  status >= 400 && !notOfMembers.has(status) && retryAfterSeconds === undefined && !isOfTokenEndpoint;

/** How many refusals in a row may pass without a member that goes through, or is found to be lost. */
const mostInARow = (size: number): number => 2 * Math.ceil(Math.log2(size)) + 4;

/**
 * What is to be sent in place of a chunk that was refused: its halves, down to the members in whom the reason lies, so
 * that few requests find them, and what went through stays whenever the call ends. Nothing for a member who is lost,
 * for a leaver who turns out to be no member, or for one who is refused alone: such a refusal is kept, and is the
 * failure once the others are through. Throws the refusal where halving does not help: a 404 may be about the group,
 * and a provider may refuse everything.
 */
export const openBisection = (group: ResourceContext & { record: MemberRecord }, isLost: IsLost) => {
  let isThere = false;
  let inARow = 0;
  let most = 0;
  let ofOne: ProviderFailure | undefined;
  let shown: Promise<string[] | undefined> | undefined;

  /** A group of which nobody can tell is not gone: it may be too large to be read. */
  const isGone = async (): Promise<boolean> =>
    (await readGroup(group).then((shown) => shown ?? "gone", ignoreFailure)) === "gone";

  /** Whether halving can help. */
  const isOfMembers = async (refusal: ProviderFailure): Promise<boolean> => {
    if (!mayConcernOneMember(refusal)) return false;
    if (refusal.kind === "not-found") isThere ||= !(await isGone());
    return refusal.kind !== "not-found" || isThere;
  };

  /**
   * A removal that is refused although the account is there may be of no member. A group that shows the others and not
   * this one proves it; one that shows nobody may hide them, and proves it only of what is answered 404.
   */
  const isNoMember = async (memberId: string, { status }: ProviderFailure): Promise<boolean> => {
    if (status !== 400 && status !== 404) return false;
    shown ??= lookAtMembers(group);
    const members = await shown;
    if (members === undefined || members.includes(memberId)) return false;
    return (members.length > 0 || status === 404) && group.record.showsOthers(new Set(members));
  };

  const leaveOut = async ({ add, remove }: MemberChange, refusal: ProviderFailure): Promise<void> => {
    const [leaving] = remove;
    // An account of which nobody can tell says nothing of the refusal, which stays the failure.
    const lost = await isLost?.(String(leaving ?? add[0]), leaving === undefined ? "add" : "remove").catch(
      (error: unknown) => {
        ignoreFailure(error);
        throw refusal;
      },
    );
    if (lost || (leaving !== undefined && (await isNoMember(leaving, refusal)))) {
      inARow = 0;
      if (leaving !== undefined) await group.record.note({ ...emptyOutcome, removed: [leaving] });
      return;
    }
    ofOne ??= refusal;
    if (refusal.maybeApplied) await group.record.note({ ...emptyOutcome, uncertain: [...remove, ...add] });
  };

  return {
    partsOf: async (chunk: Piece, refusal: ProviderFailure): Promise<Piece[]> => {
      const size = sizeOf(chunk);
      const half = Math.ceil(size / 2);
      if (size > 1 && isNoTarget(chunk, refusal)) return splitPiece(chunk, half);
      if (!isLost || !(await isOfMembers(refusal))) throw refusal;
      most = Math.max(most, mostInARow(size));
      inARow += 1;
      if (inARow > most) throw refusal;
      if (size > 1) return splitPiece(chunk, half);
      await leaveOut(chunk, refusal);
      return [];
    },
    /** Something went through: the provider does not refuse everything. */
    noteTaken: (): void => {
      inARow = 0;
    },
    /** Throws the first refusal of one member alone, if there was one. */
    throwRefusal: (): void => {
      if (ofOne) throw ofOne;
    },
  };
};
