import { diffAgainstRemote, keptElements } from "../../mapping/diff-attributes.ts";
import { readAttribute, remoteAttributes } from "../../mapping/remote-attributes.ts";
import type { AttributeChange, Attributes } from "../../model/attributes.ts";
import type { JsonObject } from "../../model/json.ts";
import {
  type Changed,
  type ChangeOptions,
  ProviderFailure,
} from "../../provisioning/ports/service-provider.ts";
import { readResource } from "../exchange/resource-requests.ts";
import { keepMaybeApplied } from "../exchange/retry.ts";
import type { ResourceContext } from "../exchange/scim-request.ts";
import { idOfResource, readShownResource } from "../messages/answers.ts";
import { nest } from "../messages/resource.ts";
import type { HttpAnswer } from "../wire/transport.ts";
import { attributeOperations } from "./attribute-patch.ts";
import { patchOf } from "./patch.ts";
import { mergeChanges, putMerged } from "./put-merged.ts";
import { isToBeSaidAgain, sayOtherwise } from "./say-otherwise.ts";
import { sendPatch } from "./send-patch.ts";
import { canPut, patchOrPut, type UpdateMethod } from "./update-method.ts";
import { otherWording, wordingAfterRefusal, wordingOf } from "./wording.ts";

/** Change attributes of a user. */
export const changeResource = async (
  resource: ResourceContext,
  method: UpdateMethod,
  changes: AttributeChange[],
  { next, once, isDoubted }: ChangeOptions = {},
): Promise<Changed> => {
  const read = (answer: HttpAnswer) => changedIn(answer, resource, changes);
  const isPatchFirst = method.updates === "patch" || !canPut(resource);
  const done = await patchOrPut(resource, method, {
    patch: async () => {
      const patched = await patchAsWorded(resource, method, changes, { next, read });
      // After a PUT that was ignored, the PATCH is the other way.
      return once || !isPatchFirst
        ? patched
        : sayOtherwise(resource, method, changes, { done: patched, read });
    },
    put: () => putMerged(resource, mergeChanges(changes), read, undefined),
    isIgnored: ({ unconfirmed }) => unconfirmed.length > 0,
  });
  const isToBeRead = isDoubted || changes.some(({ from, to }) => from !== undefined && to === undefined);
  if (done.shown || !isToBeRead) return done;
  const seen = await lookAt(resource, changes);
  const open = changes.filter(({ path }) => seen?.unconfirmed.includes(path)).filter(isToBeSaidAgain);
  // The next call says it the other way.
  if (isPatchFirst) method.wording = otherWording(method.wording, open);
  return seen ?? done;
};

/** PATCH in the words that are known to work, and once in others where these are refused as such. */
const patchAsWorded = async (
  resource: ResourceContext,
  method: UpdateMethod,
  changes: AttributeChange[],
  { next = {}, read }: { next?: Attributes | undefined; read(answer: HttpAnswer): Changed },
): Promise<Changed> => {
  const { wording } = method;
  const send = (words: typeof wording) =>
    sendPatch(resource, () => ({ body: patchOf(attributeOperations(changes, words, nest(next))), read }));
  try {
    return await send(wording);
  } catch (error) {
    const other = wordingAfterRefusal(wording, wordingOf(resource.profile), changes, error);
    if (!other) throw error;
    const done = await send(other).catch((second: unknown) => {
      throw error instanceof ProviderFailure ? keepMaybeApplied(error, second) : second;
    });
    method.wording = other;
    return done;
  }
};

/** What a read shows after a change that was answered without a resource; undefined where it cannot tell. */
const lookAt = async (
  resource: ResourceContext,
  changes: AttributeChange[],
): Promise<Changed | undefined> => {
  try {
    const shown = await readResource(resource, undefined, { aside: true });
    return { unconfirmed: ignoredIn(shown.resource, changes), shown };
  } catch (error) {
    if (error instanceof ProviderFailure) return undefined;
    throw error;
  }
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
    .filter((change) => {
      const { path, from, to } = change;
      const shown = remoteAttributes(resource, [path]);
      const shows = (value: Attributes[string] | undefined) =>
        value !== undefined && path in shown && diffAgainstRemote(shown, { [path]: value }).length === 0;
      return (shows(from) && !shows(to)) || keptElements(change, readAttribute(resource, path)).length > 0;
    })
    .map(({ path }) => path);
