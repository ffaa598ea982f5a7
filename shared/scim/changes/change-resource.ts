import { diffAgainstRemote } from "../../mapping/diff-attributes.ts";
import { remoteAttributes } from "../../mapping/remote-attributes.ts";
import type { AttributeChange, Attributes } from "../../model/attributes.ts";
import type { JsonObject } from "../../model/json.ts";
import type { Changed } from "../../provisioning/ports/service-provider.ts";
import type { ResourceContext } from "../exchange/scim-request.ts";
import { idOfResource, readShownResource } from "../messages/answers.ts";
import type { HttpAnswer } from "../wire/transport.ts";
import { attributePatch } from "./patch.ts";
import { mergeChanges, putMerged } from "./put-merged.ts";
import { sendPatch } from "./send-patch.ts";
import { patchOrPut, type UpdateMethod } from "./update-method.ts";

/** Change attributes of a user. */
export const changeResource = async (
  resource: ResourceContext,
  method: UpdateMethod,
  changes: AttributeChange[],
): Promise<Changed> => {
  const body = attributePatch(changes, resource.profile);
  const read = (answer: HttpAnswer) => changedIn(answer, resource, changes);
  return patchOrPut(resource, method, {
    patch: () => sendPatch(resource, () => ({ body, read })),
    put: () => putMerged(resource, mergeChanges(changes), read, undefined),
    isIgnored: ({ unconfirmed }) => unconfirmed.length > 0,
  });
};

/**
 * What a 2xx to a change shows: the changed paths with the old value and not the new one, since some servers answer 200
 * to what they ignore, and the resource. Only what is plainly so counts as ignored. A provider may leave anything out,
 * or have its own spelling of the new value.
 */
export const changedIn = (
  answer: HttpAnswer,
  { collection, id }: ResourceContext,
  changes: AttributeChange[],
): Changed => {
  const resource = readShownResource(answer);
  const shownId = resource && idOfResource(resource, collection);
  if (resource === undefined || shownId === undefined) return { unconfirmed: [] };
  const isSame = shownId.toLowerCase() === id.toLowerCase();
  return { unconfirmed: isSame ? ignoredIn(resource, changes) : [], shown: { id: shownId, resource } };
};

const ignoredIn = (resource: JsonObject, changes: AttributeChange[]): string[] =>
  changes
    .filter(({ path, from, to }) => {
      const shown = remoteAttributes(resource, [path]);
      const shows = (value: Attributes[string] | undefined) =>
        value !== undefined && path in shown && diffAgainstRemote(shown, { [path]: value }).length === 0;
      return shows(from) && !shows(to);
    })
    .map(({ path }) => path);
