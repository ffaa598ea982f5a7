import { present } from "../common/objects.ts";
import { diffAttributes } from "../mapping/diff-attributes.ts";
import type { Attributes } from "../model/attributes.ts";
import type { Change } from "../model/event.ts";
import { Failure } from "../model/failure.ts";
import type { Source, SourcePatch } from "../model/source.ts";
import type { Ports } from "../provisioning/ports/ports.ts";
import { type AskingForSource, keepSource } from "./record-source.ts";

const maxTries = 10;

/** @throws Failure `not-found`, also for a deleted one */
export const existingSource = async (
  { sources }: Pick<Ports, "sources">,
  sourceId: string,
): Promise<Source> => {
  const source = await sources.read(sourceId);
  if (source && !source.deleted) return source;
  throw new Failure("not-found", `There is no source ${sourceId}.`);
};

/**
 * Change a source as it is now, whatever others change at the same time. `compute` is called again where another change came
 * first; undefined means that the source stays as it is. `shown`: the fields of its event.
 * @throws Failure `not-found`, `attempt-in-progress` where others keep changing it
 */
export const changeSource = async (
  asking: AskingForSource,
  sourceId: string,
  compute: (before: Source) => Source | undefined,
  shown: (source: Source) => Record<string, unknown> = shownFields,
): Promise<Source> => {
  const { ports } = asking;
  for (let tries = 1; tries <= maxTries; tries += 1) {
    const before = await existingSource(ports, sourceId);
    const after = compute(before);
    if (!after) return before;
    const type = after.deleted ? "source_delete" : "source_update";
    const changes = changesOf(shown(before), after.deleted ? {} : shown(after));
    const kept = await keepSource(asking, after, { type, changes });
    if (kept) return kept;
    await ports.clock.sleep(5 * tries);
  }
  throw new Failure("attempt-in-progress", `Source ${sourceId} keeps changing. Repeat the call.`, {
    retryAfterSeconds: 1,
  });
};

/** @throws Failure `not-found`, `attempt-in-progress` */
export const updateSource = (
  asking: AskingForSource,
  sourceId: string,
  patch: SourcePatch,
): Promise<Source> =>
  changeSource(asking, sourceId, (before) => {
    const after: Source = { ...before, ...present(patch) };
    return changesOf(shownFields(before), shownFields(after)).length > 0 ? after : undefined;
  });

/** What an event tells of a source: who may come in, by hint, and never a token. */
export const shownFields = ({
  name,
  kind,
  onDelete,
  linkByEmail,
  tokens,
}: Source): Record<string, unknown> => ({
  ...{ name, kind, onDelete, linkByEmail },
  access: tokens.map(({ tokenId: id, hint, expiresAt }) => ({ id, hint, ...(expiresAt && { expiresAt }) })),
});

/** Fields that differ. */
export const changesOf = (before: Record<string, unknown>, after: Record<string, unknown>): Change[] =>
  diffAttributes(before as Attributes, after as Attributes).map(({ path, ...values }) => ({
    field: path,
    ...values,
  }));
