import { diffAgainstRemote, keptElements } from "../../mapping/diff-attributes.ts";
import { readAttribute, remoteAttributes } from "../../mapping/remote-attributes.ts";
import { parseScimPath } from "../../mapping/scim-path.ts";
import type { AttributeChange, Attributes } from "../../model/attributes.ts";
import type { JsonObject } from "../../model/json.ts";
import type { Changed } from "../../provisioning/ports/service-provider.ts";
import type { ResourceContext } from "../exchange/scim-request.ts";
import { idOfResource, readShownResource } from "../messages/answers.ts";
import type { HttpAnswer } from "../wire/transport.ts";

/**
 * What a 2xx to a change shows: the paths that it plainly shows otherwise than sent, since some servers answer 200 to what
 * they ignore, and the resource. A provider may leave anything out, or have its own spelling of the new value. `known`:
 * the paths that its answers to changes are known to show.
 */
export const changedIn = (
  answer: HttpAnswer,
  { collection, id }: ResourceContext,
  changes: AttributeChange[],
  known?: ReadonlySet<string>,
): Changed => {
  const resource = readShownResource(answer);
  const shownId = resource && idOfResource(resource, collection);
  if (resource === undefined || shownId === undefined) return { unconfirmed: [] };
  const isSame = shownId.toLowerCase() === id.toLowerCase();
  return {
    unconfirmed: isSame ? ignoredIn(resource, changes, known) : [],
    shown: { id: shownId, resource },
  };
};

/** The paths that a resource plainly shows otherwise than they were sent. */
export const ignoredIn = (
  resource: JsonObject,
  changes: AttributeChange[],
  known: ReadonlySet<string> = new Set(),
): string[] => {
  const ignored = changes.filter((change) => isIgnored(resource, change));
  const parents = new Set(ignored.flatMap(parentOf));
  // A user without userName is shown in part (RFC 7643 §4.1.1).
  const isWhole = readAttribute(resource, "userName") !== undefined;
  const missing = changes.filter(
    ({ path, to }) => to !== undefined && readAttribute(resource, path) === undefined,
  );
  const left = missing.filter(
    (change) => (isWhole && known.has(change.path)) || parentOf(change).some((parent) => parents.has(parent)),
  );
  return [...ignored, ...left].map(({ path }) => path);
};

/** The old value and not the new one, or elements that were to go. */
const isIgnored = (resource: JsonObject, change: AttributeChange): boolean => {
  const { path, from, to } = change;
  const shown = remoteAttributes(resource, [path]);
  const shows = (value: Attributes[string] | undefined) =>
    value !== undefined && path in shown && diffAgainstRemote(shown, { [path]: value }).length === 0;
  // A boolean has no spelling of its own.
  const isContrary = typeof to === "boolean" && shows(!to);
  return (
    ((shows(from) || isContrary) && !shows(to)) ||
    keptElements(change, readAttribute(resource, path)).length > 0
  );
};

/** `name` of `name.givenName`: parts go in one way, and a new one beside one that was ignored was ignored as well. */
const parentOf = ({ path }: AttributeChange): string[] => {
  const { urn, attribute, sub } = parseScimPath(path) ?? { attribute: path };
  return urn === undefined && sub !== undefined ? [attribute] : [];
};
