import type { MemberOutcome, ServiceProvider } from "../../provisioning/ports/service-provider.ts";
import { contradicted, type Shown } from "./shown-members.ts";

type Done = Parameters<ServiceProvider["changeMembers"]>[2];

/**
 * Tells what became of the members that one call sends, and holds all of them against whom an answer or a read shows,
 * not those of its chunk alone: some servers change a group on a copy that is behind, and so undo what came before.
 */
export const openSentMembers = (tell: Done) => {
  const sent = { add: new Set<string>(), remove: new Set<string>() };
  let ignored = new Set<string>();

  const done = async (outcome: MemberOutcome, shown: Shown = {}): Promise<void> => {
    for (const one of outcome.added) sent.add.add(one);
    for (const one of outcome.removed) sent.remove.add(one);
    if (!shown.members) return tell(outcome);
    const before = ignored;
    const isShown = new Set(shown.members);
    // Of whom a cut list does not show, the word before counts.
    const still = shown.isCut ? [...before].filter((one) => !isShown.has(one)) : [];
    ignored = new Set([...still, ...contradicted(shown, { add: [...sent.add], remove: [...sent.remove] })]);
    const fresh = new Set([...outcome.added, ...outcome.removed]);
    const isTold = (one: string) => fresh.has(one) || before.has(one) !== ignored.has(one);
    const added = [...sent.add].filter(isTold);
    const removed = [...sent.remove].filter(isTold);
    if (added.length + removed.length + outcome.doubtful.length === 0) return;
    const unconfirmed = [...added, ...removed].filter((one) => ignored.has(one));
    await tell({ added, removed, unconfirmed, doubtful: outcome.doubtful });
  };
  return {
    done,
    /** Whom the call has added so far. */
    added: (): string[] => [...sent.add],
  };
};
