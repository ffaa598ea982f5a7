import { diffAgainstRemote, keptElements } from "../../mapping/diff-attributes.ts";
import { remoteAttributes } from "../../mapping/remote-attributes.ts";
import type { AttributeChange, Attributes } from "../../model/attributes.ts";
import type { JsonObject } from "../../model/json.ts";
import { ignoreAnyFailure } from "../../provisioning/ports/ignore-failure.ts";
import type { Changed } from "../../provisioning/ports/service-provider.ts";
import type { ResourceContext } from "../exchange/scim-request.ts";
import { resourcePath } from "../messages/resource-path.ts";
import type { HttpAnswer } from "../wire/transport.ts";
import { attributeOperations, elementRemovals } from "./attribute-patch.ts";
import { patchOf } from "./patch.ts";
import type { UpdateMethod } from "./update-method.ts";
import { otherWording, type Wording } from "./wording.ts";

/**
 * One further PATCH, for what the answer to the first plainly shows as it was before: said the other way, and elements
 * of a list that were to go taken out by filters. `said`: how the first was said. What works is said so from there on.
 * A failure of it takes nothing back of what the first has done: then the answer to that stands.
 */
export const sayOtherwise = async (
  resource: ResourceContext,
  method: UpdateMethod,
  changes: AttributeChange[],
  { done, said, read }: { done: Changed; said: Wording; read(answer: HttpAnswer): Changed },
): Promise<Changed> => {
  const open = changes.filter(({ path }) => done.unconfirmed.includes(path));
  if (open.length === 0 || !done.shown) return done;
  const { resource: whole } = done.shown;
  const shown = remoteAttributes(
    whole,
    open.map(({ path }) => path),
  );
  const merged = open.filter((change) => isMerged(change, shown));
  const ignored = open.filter((change) => !merged.includes(change));
  const operations = [
    ...attributeOperations(ignored, otherWording(said, ignored), whole),
    ...merged.flatMap((change) => elementRemovals(change, keptElements(change, shown[change.path]))),
  ];
  if (operations.length === 0) return done;
  const again = await patchAside(resource, operations, read);
  if (again?.shown?.id.toLowerCase() !== resource.id.toLowerCase()) return done;
  const worked = ignored.filter(({ path }) => !again.unconfirmed.includes(path));
  if (worked.length > 0) method.wording = otherWording(said, worked);
  return again;
};

/** The new elements of a list are there, beside some that were to go. */
const isMerged = ({ path, to }: AttributeChange, shown: Attributes): boolean =>
  Array.isArray(to) && diffAgainstRemote(shown, { [path]: to }).length === 0;

/** Sent once, and no part of what the event tells as the provider's answer. */
const patchAside = async (
  { call, collection, id }: ResourceContext,
  operations: JsonObject[],
  read: (answer: HttpAnswer) => Changed,
): Promise<Changed | undefined> => {
  const path = resourcePath(collection, id);
  const body = patchOf(operations);
  return call({ method: "PATCH", path, byId: true, aside: true, body, read }).catch(ignoreAnyFailure);
};
