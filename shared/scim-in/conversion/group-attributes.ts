import { isDeepStrictEqual } from "node:util";
import type { SavedGroup } from "../../model/directory.ts";
import type { JsonObject } from "../../model/json.ts";
import type { Owner } from "../../model/owner.ts";
import { ownerOf } from "./owner.ts";

/** The attributes of a group but its members, as `readCreation` gives them. */
export const groupAttributesOf = ({ name, source }: Pick<SavedGroup, "name" | "source">): JsonObject => ({
  ...(source?.externalId !== undefined && { externalId: source.externalId }),
  displayName: source?.name ?? name,
});

type Named = { sourceId: string; since: string; waiting: readonly string[] };

/** The group once a source has given it these attributes, and these members wait for it; undefined where nothing changes. */
export const groupChange = (
  before: Pick<SavedGroup, "name" | "source"> | undefined,
  attributes: JsonObject,
  { sourceId, since, waiting }: Named,
): { name: string; source: Owner } | undefined => {
  const name = String(attributes.displayName);
  const source: Owner = {
    ...ownerOf(before?.source, { sourceId, since, name, attributes }),
    ...(waiting.length > 0 && { waiting: [...waiting] }),
  };
  const isSame = before?.name === name && isDeepStrictEqual(before.source, source);
  return isSame ? undefined : { name, source };
};
