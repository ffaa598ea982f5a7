import type { JsonObject } from "../../model/json.ts";
import type { Owner } from "../../model/owner.ts";

type Naming = { sourceId: string; since: string; name: string; attributes: JsonObject };

/** The owner of an object that a source has named, and has since then, or for longer. */
export const ownerOf = (
  before: Owner | undefined,
  { sourceId, since, name, attributes: { externalId } }: Naming,
): Owner => ({
  sourceId,
  name,
  ...(typeof externalId === "string" && { externalId }),
  since: (before?.sourceId === sourceId && !before.left && before.since) || since,
});
