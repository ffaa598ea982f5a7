import type { SavedGroup, SavedUser } from "../../model/directory.ts";
import { ScimError } from "../../scim-server/errors/scim-error.ts";
import { hasEtag } from "../../scim-server/messages/etag.ts";
import type { Asking } from "./asking.ts";

/** Whether the source may know of it: what it has deleted is gone for it, and what is another's was never there. */
export const isOwned = <T extends SavedUser | SavedGroup>(
  { source }: Pick<Asking, "source">,
  saved: T | undefined,
): saved is T =>
  saved !== undefined &&
  !saved.deleted &&
  saved.source?.sourceId === source.sourceId &&
  saved.source.left !== true;

/** @throws ScimError 404 */
export const requireOwned = <T extends SavedUser | SavedGroup>(
  asking: Pick<Asking, "source">,
  saved: T | undefined,
): T => {
  if (isOwned(asking, saved)) return saved;
  throw new ScimError(
    404,
    "There is no resource of this id. It was deleted, or never was one of this source.",
  );
};

/** Whether it is of the version that If-Match asks for, if any. */
export const isAskedFor = ({ ifMatch }: Pick<Asking, "ifMatch">, saved: SavedUser | SavedGroup): boolean =>
  ifMatch === undefined || hasEtag(ifMatch, saved.version);

/**
 * The object as it is, once the request may change it.
 * @throws ScimError 404; 412 where If-Match asks for another version
 */
export const requireChangeable = <T extends SavedUser | SavedGroup>(
  asking: Asking,
  saved: T | undefined,
): T => {
  const owned = requireOwned(asking, saved);
  if (isAskedFor(asking, owned)) return owned;
  throw new ScimError(412, "The resource has changed since. Read it again, and change what is there by now.");
};
