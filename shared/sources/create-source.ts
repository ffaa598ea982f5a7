import type { Source, SourceInput } from "../model/source.ts";
import { changesOf, shownFields } from "./change-source.ts";
import { type AskingForSource, keepSource } from "./record-source.ts";
import { takeToken } from "./take-token.ts";

/**
 * Set up a source with its first token, which is answered this once.
 * @throws Failure `token-in-use`, `attempt-in-progress`, `invalid-input`
 */
export const createSource = async (
  { ports, call }: AskingForSource,
  { token: brought, expiresAt, ...input }: SourceInput,
): Promise<{ source: Source; token: string }> => {
  const now = ports.clock.now();
  const sourceId = ports.newId(now);
  const { token, kept } = await takeToken(ports, sourceId, {
    ...(brought !== undefined && { token: brought }),
    ...(expiresAt !== undefined && { expiresAt }),
  });
  const at = new Date(now).toISOString();
  const source: Source = { sourceId, ...input, tokens: [kept], createdAt: at, updatedAt: at, version: 0 };
  const changes = changesOf({}, shownFields(source));
  const saved = await keepSource({ ports, call }, source, { type: "source_create", changes });
  if (!saved) throw new Error("The id of a new source was there already.");
  return { source: saved, token };
};
