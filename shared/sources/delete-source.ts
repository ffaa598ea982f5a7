import type { Source } from "../model/source.ts";
import { changeSource } from "./change-source.ts";
import { type AskingForSource, recordSource, type SourcePorts } from "./record-source.ts";

/**
 * The source is gone: from then on its tokens open nothing, and what it owned has no owner, since one that is gone is nobody.
 * Users and groups stay as they are. What is left of the source goes by itself.
 * @throws Failure `not-found`
 */
export const deleteSource = async (asking: AskingForSource, sourceId: string): Promise<void> => {
  const deleted = await changeSource(asking, sourceId, (before) => ({ ...before, deleted: true }));
  await finishDeletion(asking.ports, deleted).catch(() => undefined);
};

/** Put the event, forget the tokens, and then the source itself. Safe to repeat. */
const finishDeletion = async (ports: SourcePorts, source: Source): Promise<void> => {
  await recordSource(ports, source);
  for (const { hash, tokenId } of source.tokens) await ports.sources.releaseToken(hash, tokenId);
  await ports.sources.remove(source.sourceId, source.version);
};

/**
 * Finish what a call that died has left of a source: its event, or its deletion. Safe to run at any time and beside anything.
 * @returns the failures for the log
 */
export const settleSources = async (ports: SourcePorts): Promise<unknown[]> => {
  const failures: unknown[] = [];
  for (const source of await ports.sources.all()) {
    if (!source.deleted && !source.unrecorded) continue;
    const settle = source.deleted ? finishDeletion : recordSource;
    await settle(ports, source).catch((error: unknown) => failures.push(error));
  }
  return failures;
};
