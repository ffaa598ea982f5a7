import { asText, readKey } from "../../mapping/remote-attributes.ts";
import type { RemoteResource } from "../../model/attributes.ts";
import type { JsonObject } from "../../model/json.ts";
import { ignoreAnyFailure } from "../../provisioning/ports/ignore-failure.ts";
import { ProviderFailure } from "../../provisioning/ports/provider-failure.ts";
import type { CreatedResource } from "../../provisioning/ports/service-provider.ts";
import { titleOf } from "../exchange/classify-failure.ts";
import { readResource } from "../exchange/resource-requests.ts";
import type { Collection, ScimCall } from "../exchange/scim-request.ts";
import { readCreated, Unreadable } from "../messages/answers.ts";

const nameAttributes = { Users: "userName", Groups: "displayName" } as const;

const another = "with another resource than the one that was sent";

/**
 * POST; answers the resource that it made, as the provider shows it. An answer that shows the name or externalId that
 * was sent, or neither, is that resource. A 201 under another name may be the provider's own spelling (a prefix, a
 * normal form, without blanks): its id is kept, and what is read by it tells, or else the 201 itself. So does what is read
 * where the body was cut or garbled; `isUnread` where that read failed as well: the account may be inactive. What a
 * provider, or something in between, shows of a resource with another externalId must not become ours.
 */
export const createResource = async (
  call: ScimCall,
  collection: Collection,
  body: JsonObject,
): Promise<CreatedResource> => {
  const { created, isKnown, isUnread } = await call({
    method: "POST",
    path: `/${collection}`,
    body,
    read: (answer) => {
      const { isUnread = false, ...created } = readCreated(answer, collection);
      const isKnown = isOwn(created.resource, body, collection, answer.headers.location);
      if (!isKnown && answer.status !== 201) throw new Unreadable(another);
      return { created, isKnown, isUnread };
    },
  });
  if (isKnown && !isUnread) return created;
  const read = await readIfShown(call, collection, created.id);
  if (!read && isUnread) return { ...created, isUnread };
  const shown = read ?? created;
  if (!mayBeRespelled(shown.resource, body, collection)) throw anotherResource();
  return { ...shown, id: created.id };
};

const isOwn = (
  resource: JsonObject,
  sent: JsonObject,
  collection: Collection,
  location: string | undefined,
): boolean => {
  const nameAttribute = nameAttributes[collection];
  const name = readKey(resource, nameAttribute);
  const externalId = readKey(resource, "externalId");
  if (name === undefined && externalId === undefined)
    return [location, readKey(resource, "schemas"), readKey(resource, "meta")].some(
      (one) => one !== undefined,
    );
  const isNamed = asText(name).toLowerCase() === asText(sent[nameAttribute]).toLowerCase();
  return isNamed || (sent.externalId !== undefined && externalId === sent.externalId);
};

/** It is a resource of the kind, and shows no externalId that is not ours. */
const mayBeRespelled = (resource: JsonObject, sent: JsonObject, collection: Collection): boolean => {
  const externalId = readKey(resource, "externalId") ?? undefined;
  const isNamed = typeof readKey(resource, nameAttributes[collection]) === "string";
  return isNamed && (externalId === undefined || externalId === sent.externalId);
};

/** Undefined where the read fails, or the provider does not find yet what it has just made: the 201 stays a fact. */
const readIfShown = (
  call: ScimCall,
  collection: Collection,
  id: string,
): Promise<RemoteResource | undefined> =>
  readResource({ call, collection, id }, undefined, { aside: true }).catch(ignoreAnyFailure);

const anotherResource = (): ProviderFailure => {
  const message = `The service provider answered ${titleOf(201)} ${another}`;
  const answer = { status: 201, message: titleOf(201), details: [message] };
  return new ProviderFailure("malformed", message, { status: 201, maybeApplied: true, answer });
};
