import { chunksOf } from "../../common/chunks.ts";
import type { Asked } from "../../model/asked.ts";
import type { Saving } from "../../model/directory-change.ts";
import { Failure } from "../../model/failure.ts";
import type { Owner } from "../../model/owner.ts";
import type { GroupChange } from "../../provisioning/ports/directory-store.ts";
import type { Batches } from "../table/batches.ts";
import { planKey } from "../table/keys.ts";

/** How far a change has come that takes longer than one call, and what tells the whole of it. */
export type Plan = {
  /** The version under which its parts are kept, and its members written. */
  version: number;
  parts: number;
  name: string;
  source?: Owner | null;
  /** Members written, of all, in the order of their ids; and how many more members the group has by these. */
  done: number;
  total: number;
  grown: number;
};

/** Ids of 128 characters: a part has 256 KB at most, of 400 that an item may have. */
const idsInPart = 2_000;
const keptDays = 31;

type Part = { ids: string[]; isAdded: boolean };

const partsOf = ({ add, remove }: Pick<GroupChange, "add" | "remove">): Part[] => [
  ...chunksOf(remove, idsInPart).map((ids) => ({ ids, isAdded: false })),
  ...chunksOf(add, idsInPart).map((ids) => ({ ids, isAdded: true })),
];

/** Keep all of the change; safe to repeat. Answers how many parts it has. */
export const writePlan = async (
  { batches, now }: { batches: Batches; now: () => number },
  groupId: string,
  version: number,
  change: Pick<GroupChange, "add" | "remove">,
): Promise<number> => {
  const expiresAt = Math.floor(now() / 1000) + keptDays * 86_400;
  const parts = partsOf(change);
  await batches.write({
    put: parts.map((part, at) => ({ ...planKey(groupId, version, at), ...part, expiresAt })),
  });
  return parts.length;
};

/** The change as it was kept. */
export const readPlan = async (
  batches: Batches,
  groupId: string,
  plan: Plan,
): Promise<Pick<GroupChange, "name" | "add" | "remove" | "source">> => {
  const parts = await batches.get<Part>(keysOf(groupId, plan));
  const idsOf = (isAdded: boolean) =>
    parts.filter((part) => part.isAdded === isAdded).flatMap(({ ids }) => ids);
  const { name, source } = plan;
  return { name, ...(source !== undefined && { source }), add: idsOf(true), remove: idsOf(false) };
};

/** Once the change counts. A part that stays costs its storage until it expires. */
export const removePlan = async (batches: Batches, groupId: string, plan: Plan): Promise<void> => {
  await batches.write({ remove: keysOf(groupId, plan) }).catch(() => undefined);
};

const keysOf = (groupId: string, { version, parts }: Plan) =>
  Array.from({ length: parts }, (_, at) => planKey(groupId, version, at));

/** How far the change has come, and under which correlation it was begun. */
export const savingOf = ({ done, total }: Plan, asked: Asked | undefined): Saving => ({
  done,
  total,
  ...(asked && { correlationId: asked.correlation.id }),
});

/** That the change goes on by itself. */
export const stillSaving = (groupId: string, saving: Saving): Failure =>
  new Failure(
    "store-unavailable",
    `Saving the members of group ${groupId} takes longer than one call: ${saving.done} of ${saving.total} are written. None counts yet; it goes on by itself, and counts as a whole once all are written.`,
    { retryAfterSeconds: 5, saving },
  );
