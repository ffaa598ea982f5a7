import { isDeepStrictEqual } from "node:util";
import type { SavedGroup } from "../../model/directory.ts";
import { groupInputSchema } from "../../model/inputs.ts";
import type { JsonObject } from "../../model/json.ts";
import type { Owner } from "../../model/owner.ts";
import { badRequest } from "../../scim-server/errors/scim-error.ts";
import { ownerOf } from "./owner.ts";

/** The attributes of a group but its members, as `readCreation` gives them. */
export const groupAttributesOf = ({ name, source }: Pick<SavedGroup, "name" | "source">): JsonObject => ({
  ...(source?.externalId !== undefined && { externalId: source.externalId }),
  displayName: source?.name ?? name,
});

type Named = { sourceId: string; since: string; waiting: readonly string[]; dropped: number };

/**
 * The group once a source has given it these attributes, and these members wait for it, without those who were dropped;
 * undefined where nothing changes.
 * @throws ScimError `invalidValue` for a name that no group here may have
 */
export const groupChange = (
  before: Pick<SavedGroup, "name" | "source"> | undefined,
  attributes: JsonObject,
  { sourceId, since, waiting, dropped }: Named,
): { name: string; source: Owner } | undefined => {
  const displayName = String(attributes.displayName);
  const name = directoryName(displayName);
  const source: Owner = {
    ...ownerOf(before?.source, { sourceId, since, name: displayName, attributes }),
    ...(waiting.length > 0 && { waiting: [...waiting] }),
    ...(dropped > 0 && { dropped }),
  };
  const isSame = before?.name === name && isDeepStrictEqual(before.source, source);
  return isSame ? undefined : { name, source };
};

/** Callers' groups have the same bounds. */
const directoryName = (displayName: string): string => {
  const read = groupInputSchema.shape.name.safeParse(displayName);
  if (read.success) return read.data;
  throw badRequest("invalidValue", "displayName has to be of one line and of up to 256 characters.");
};
