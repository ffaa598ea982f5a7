import { diffAgainstRemote } from "../../mapping/diff-attributes.ts";
import { readAttribute, remoteAttributes } from "../../mapping/remote-attributes.ts";
import type { AttributeChange, Attributes } from "../../model/attributes.ts";
import type { JsonObject } from "../../model/json.ts";
import { ignoreAnyFailure } from "../../provisioning/ports/ignore-failure.ts";
import type { Changed, ChangeOptions } from "../../provisioning/ports/service-provider.ts";
import { readResource, undefinedIfGone } from "../exchange/resource-requests.ts";
import { keepMaybeApplied } from "../exchange/retry.ts";
import type { ResourceContext } from "../exchange/scim-request.ts";
import { nest } from "../messages/resource.ts";
import type { HttpAnswer } from "../wire/transport.ts";
import { attributeOperations } from "./attribute-patch.ts";
import { patchOf } from "./patch.ts";
import { mergeChanges, putMerged } from "./put-merged.ts";
import { sayOtherwise } from "./say-otherwise.ts";
import { sendPatch } from "./send-patch.ts";
import { changedIn, ignoredIn } from "./shown-otherwise.ts";
import { isShutOut, seeShutOut } from "./shut-out.ts";
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
    const seen = changedIn(answer, resource, changes, method.shown);
    learnShown(method, seen, [...Object.keys(next ?? {}), ...changes.map(({ path }) => path)]);
    return seen;
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
    put: () => putMerged(resource, mergeWanted(changes, next), read),
    isIgnored: (seen) => seen.unconfirmed.length > 0 || showsNothing(seen, changes),
  });
  const shut = changes.find(isShutOut);
  // After a bare 202 the caller reads, and waits.
  if (shut && (!isAccepted || done.unconfirmed.length > 0))
    return seeShutOut(method, shut, done, {
      said,
      look: () => undefinedIfGone(see(resource, changes)),
      again: isPatchFirst ? again : async (seen) => seen,
    });
  const isToBeRead = isDoubted || changes.some(({ from, to }) => from !== undefined && to === undefined);
  if (done.shown || !isToBeRead) return done;
  const seen = await see(resource, changes).catch(ignoreAnyFailure);
  const open = changes.filter(({ path }) => seen?.unconfirmed.includes(path));
  // The next call says it the other way.
  if (isPatchFirst) method.wording = otherWording(method.wording, open);
  return seen ?? done;
};

/**
 * All that we want of the account: a read may be behind what was just pushed. Not where it is to be shut out, since a
 * clash in another attribute must not keep it open.
 */
const mergeWanted =
  (changes: AttributeChange[], next: Attributes = {}) =>
  (shown: JsonObject): void => {
    const wanted = changes.some(isShutOut) ? {} : next;
    const behind = diffAgainstRemote(remoteAttributes(shown, Object.keys(wanted)), wanted);
    mergeChanges([...behind, ...changes])(shown, undefined);
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
      throw keepMaybeApplied(error, second);
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

/** The answer shows a whole user, and nothing of what was set: the method may be none, although it was answered so. */
const showsNothing = ({ shown }: Changed, changes: AttributeChange[]): boolean => {
  const isWhole = shown !== undefined && readAttribute(shown.resource, "userName") !== undefined;
  const isHidden = ({ path, to }: AttributeChange) =>
    to !== undefined && readAttribute(shown?.resource ?? {}, path) === undefined;
  return isWhole && changes.every(isHidden);
};

/** What its answers to changes show of any account, they show of each that has it. */
const learnShown = (method: UpdateMethod, { shown }: Changed, paths: string[]): void => {
  for (const path of Object.keys(remoteAttributes(shown?.resource ?? {}, paths))) method.shown.add(path);
};
