import { isObject } from "../../common/objects.ts";
import { diffAgainstRemote } from "../../mapping/diff-attributes.ts";
import { readKey, remoteAttributes } from "../../mapping/remote-attributes.ts";
import type { AttributeChange, Attributes } from "../../model/attributes.ts";
import type { JsonObject } from "../../model/json.ts";
import type { Changed } from "../../provisioning/ports/service-provider.ts";
import { idOf, idOfResource, parseJson, readNothing } from "../messages/answers.ts";
import type { HttpAnswer } from "../wire/transport.ts";

/**
 * What a 2xx to a change shows: the changed paths with the old value and not the new one, since some servers answer 200
 * to what they ignore, and the resource. Only what is plainly so counts as ignored. A provider may leave anything out,
 * or have its own spelling of the new value.
 */
export const changedIn = (
  answer: HttpAnswer,
  collection: "Users" | "Groups",
  id: string,
  changes: AttributeChange[],
): Changed => {
  const resource = resourceIn(answer);
  const shownId = resource && idOfResource(resource, collection);
  if (resource === undefined || shownId === undefined) return { unconfirmed: [] };
  const shown = { id: shownId, resource };
  return { unconfirmed: isSameId(shownId, id) ? ignoredIn(resource, changes) : [], shown };
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

/** Whom the answer to a change of a group shows as its members; undefined where it shows no list of them. */
export const membersIn = (answer: HttpAnswer, id: string): string[] | undefined => {
  const resource = resourceIn(answer);
  if (!resource || !isSameId(idOf(readKey(resource, "id")), id)) return undefined;
  const members = readKey(resource, "members");
  if (!Array.isArray(members)) return undefined;
  return members.flatMap((member) => idOf(isObject(member) ? readKey(member, "value") : member) ?? []);
};

const isSameId = (one: string | undefined, other: string): boolean =>
  one?.toLowerCase() === other.toLowerCase();

/** The resource that the answer to a change shows, where there is one. */
const resourceIn = (answer: HttpAnswer): JsonObject | undefined => {
  readNothing(answer);
  const body = answer.cut ? undefined : parseJson(answer.text);
  return isObject(body) ? body : undefined;
};
