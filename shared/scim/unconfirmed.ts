import { diffAgainstRemote } from "../mapping/diff-attributes.ts";
import { isObject, readKey, remoteAttributes } from "../mapping/remote-attributes.ts";
import type { AttributeChange, Attributes } from "../model/attributes.ts";
import type { JsonObject } from "../model/json.ts";
import { idOf, parseJson, readNothing } from "./answers.ts";
import type { HttpAnswer } from "./transport.ts";

/**
 * The changed paths of which a 2xx shows the old value and not the new one: some servers answer 200 to what they
 * ignore. Only what is plainly so counts. A provider may leave anything out, or have its own spelling of the new value.
 */
export const unconfirmedIn = (answer: HttpAnswer, id: string, changes: AttributeChange[]): string[] => {
  const resource = changedResource(answer, id);
  if (resource === undefined) return [];
  return changes
    .filter(({ path, from, to }) => {
      const shown = remoteAttributes(resource, [path]);
      const shows = (value: Attributes[string] | undefined) =>
        value !== undefined && path in shown && diffAgainstRemote(shown, { [path]: value }).length === 0;
      return shows(from) && !shows(to);
    })
    .map(({ path }) => path);
};

/** The same for members. A group that shows none may hide them. */
export const unconfirmedMembersIn = (
  answer: HttpAnswer,
  id: string,
  { add, remove }: { add: string[]; remove: string[] },
): string[] => {
  const shown = shownMembersIn(answer, id);
  if (shown.size === 0) return [];
  return [...add.filter((one) => !shown.has(one)), ...remove.filter((one) => shown.has(one))];
};

/** The members that the answer to a change of the group shows. */
export const shownMembersIn = (answer: HttpAnswer, id: string): Set<string> => {
  const resource = changedResource(answer, id);
  const members = resource && readKey(resource, "members");
  if (!Array.isArray(members)) return new Set();
  const ids = members.map((member) => idOf(isObject(member) ? readKey(member, "value") : member));
  return new Set(ids.filter((one) => one !== undefined));
};

/** The resource that the answer to its change shows, where there is one. */
const changedResource = (answer: HttpAnswer, id: string): JsonObject | undefined => {
  readNothing(answer);
  const body = answer.cut ? undefined : parseJson(answer.text);
  return isObject(body) && idOf(readKey(body, "id"))?.toLowerCase() === id.toLowerCase() ? body : undefined;
};
