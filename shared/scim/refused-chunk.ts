import { ProviderFailure, type ServiceProvider } from "../provisioning/ports/service-provider.ts";
import { type MemberChange, sizeOf, splitMembers } from "./patch.ts";

type ChangeMembers = Parameters<ServiceProvider["changeMembers"]>;
export type Told = {
  done: ChangeMembers[2];
  isLost: NonNullable<ChangeMembers[3]>["isLost"] | undefined;
};
export type ReadGroup = () => ReturnType<ServiceProvider["readGroup"]>;

export const findsNobody = ({ remove }: MemberChange, { scimType }: ProviderFailure): boolean =>
  remove.length > 0 && scimType?.toLowerCase() === "notarget";

/** Refusals that one member may be the reason of, unknown there or inactive. A 403 is about ourselves or the group. */
export const mayBeOneMembers = ({ status }: ProviderFailure): boolean =>
  status === 400 || status === 404 || status === 422;

/**
 * What is to be sent in place of a chunk that was refused: its halves, down to the members in whom the reason lies, so
 * that few requests find them, and what went through stays whenever the call ends. Nothing for a member who is lost.
 * Throws the refusal where that would not help: a 404 may be about the group.
 */
export const openRefusedChunks = ({ done, isLost }: Told, readGroup: ReadGroup) => {
  let isThere = false;
  return async (chunk: MemberChange, refusal: ProviderFailure): Promise<MemberChange[]> => {
    if (sizeOf(chunk) > 1 && findsNobody(chunk, refusal)) return halvesOf(chunk);
    if (!isLost || !mayBeOneMembers(refusal)) throw refusal;
    if (refusal.status === 404) {
      isThere ||= !(await isGone(readGroup));
      if (!isThere) throw refusal;
    }
    if (sizeOf(chunk) > 1) return halvesOf(chunk);
    const [leaving] = chunk.remove;
    const lost = leaving === undefined ? isLost(String(chunk.add[0]), "add") : isLost(leaving, "remove");
    if (!(await lost)) throw refusal;
    if (leaving !== undefined) await done({ added: [], removed: [leaving], unconfirmed: [], doubtful: [] });
    return [];
  };
};

const halvesOf = (chunk: MemberChange): MemberChange[] => splitMembers(chunk, Math.ceil(sizeOf(chunk) / 2));

/** A group of which nobody can tell is not gone: it may be too large to be read. But a 401 stops the integration. */
const isGone = async (readGroup: ReadGroup): Promise<boolean> => {
  try {
    return (await readGroup()) === undefined;
  } catch (error) {
    if (error instanceof ProviderFailure && error.kind !== "unauthorized") return false;
    throw error;
  }
};
