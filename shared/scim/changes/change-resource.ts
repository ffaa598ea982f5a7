import { diffAgainstRemote, keptElements } from "../../mapping/diff-attributes.ts";
import { readAttribute, remoteAttributes } from "../../mapping/remote-attributes.ts";
import type { AttributeChange, Attributes } from "../../model/attributes.ts";
import type { JsonObject } from "../../model/json.ts";
import {
  type Changed,
  type ChangeOptions,
  ProviderFailure,
} from "../../provisioning/ports/service-provider.ts";
import { readResource, undefinedIfGone } from "../exchange/resource-requests.ts";
import { keepMaybeApplied } from "../exchange/retry.ts";
import type { ResourceContext } from "../exchange/scim-request.ts";
import { idOfResource, readShownResource } from "../messages/answers.ts";
import { nest } from "../messages/resource.ts";
import type { HttpAnswer } from "../wire/transport.ts";
import { attributeOperations } from "./attribute-patch.ts";
import { patchOf } from "./patch.ts";
import { mergeChanges, putMerged } from "./put-merged.ts";
import { sayOtherwise } from "./say-otherwise.ts";
import { sendPatch } from "./send-patch.ts";
import { isShutOut, seeShutOut, undefinedIfFailed } from "./shut-out.ts";
import { canPut, patchOrPut, type UpdateMethod } from "./update-method.ts";
import { sendsWhole, withShownParts } from "./whole-parts.ts";
import { otherWording, type Wording, wordingAfterRefusal, wordingOf } from "./wording.ts";

/** Change attributes of a user. */
export const changeResource = async (
  resource: ResourceContext,
  method: UpdateMethod,
  changes: AttributeChange[],
  { next, once, isDoubted }: ChangeOptions = {},
): Promise<Changed> => {
  let isAccepted = false;
  const read = (answer: HttpAnswer) => {
    isAccepted = answer.status === 202;
    return changedIn(answer, resource, changes);
  };
  const isPatchFirst = method.updates === "patch" || !canPut(resource);
  // Other attempts share the method and may change it meanwhile.
  let said = method.wording;
  const again = (done: Changed) => sayOtherwise(resource, method, changes, { done, said, read });
  const done = await patchOrPut(resource, method, {
    patch: async () => {
      const patched = await patchAsWorded(resource, method, changes, { next, read });
      said = patched.said;
      // After a PUT that was ignored, the PATCH is the other way.
      return once || !isPatchFirst ? patched.done : again(patched.done);
    },
    put: () => putMerged(resource, mergeChanges(changes), read, undefined),
    isIgnored: ({ unconfirmed }) => unconfirmed.length > 0,
  });
  const shut = changes.find(isShutOut);
  // After a 202 a read may come too early.
  if (shut && !isAccepted)
    return seeShutOut(method, shut, done, {
      said,
      look: () => undefinedIfGone(see(resource, changes)),
      again: isPatchFirst ? again : async (seen) => seen,
    });
  const isToBeRead = isDoubted || changes.some(({ from, to }) => from !== undefined && to === undefined);
  if (done.shown || !isToBeRead) return done;
  const seen = await see(resource, changes).catch(undefinedIfFailed);
  const open = changes.filter(({ path }) => seen?.unconfirmed.includes(path));
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
): Promise<{ done: Changed; said: Wording }> => {
  const { wording } = method;
  const known = nest(next);
  const whole = sendsWhole(wording, changes)
    ? withShownParts(known, (await readResource(resource)).resource)
    : known;
  const send = (words: typeof wording) =>
    sendPatch(resource, () => ({ body: patchOf(attributeOperations(changes, words, whole)), read }));
  try {
    return { done: await send(wording), said: wording };
  } catch (error) {
    const other = wordingAfterRefusal(wording, wordingOf(resource.profile), changes, error);
    if (!other) throw error;
    const done = await send(other).catch((second: unknown) => {
      throw error instanceof ProviderFailure ? keepMaybeApplied(error, second) : second;
    });
    method.wording = other;
    return { done, said: other };
  }
};

/** What a read shows after a change that was answered without showing it. */
const see = async (resource: ResourceContext, changes: AttributeChange[]): Promise<Changed> => {
  const shown = await readResource(resource, undefined, { aside: true });
  return { unconfirmed: ignoredIn(shown.resource, changes), shown };
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
      // There are two spellings of a boolean at most.
      const isContrary = typeof to === "boolean" && shows(!to);
      return (
        ((shows(from) || isContrary) && !shows(to)) ||
        keptElements(change, readAttribute(resource, path)).length > 0
      );
    })
    .map(({ path }) => path);
