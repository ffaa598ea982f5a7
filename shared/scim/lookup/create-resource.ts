import { asText, readKey } from "../../mapping/remote-attributes.ts";
import type { RemoteResource } from "../../model/attributes.ts";
import type { JsonObject } from "../../model/json.ts";
import { ProviderFailure } from "../../provisioning/ports/service-provider.ts";
import { titleOf } from "../exchange/classify-failure.ts";
import type { CallState } from "../exchange/scim-request.ts";
import { readCreated, Unreadable } from "../messages/answers.ts";
import { readRequested } from "../messages/read-requested.ts";
import { resourcePath } from "../messages/resource-path.ts";

/** What tells a resource of ours from another: its name, and our externalId. */
export type Identity = {
  collection: "Users" | "Groups";
  nameAttribute: "userName" | "displayName";
  name: string;
  externalId?: string | undefined;
};

const another = "with another resource than the one that was sent";

/**
 * POST; answers the resource that it made, as the provider shows it. An answer that shows the name or externalId that was
 * sent, or neither, is that resource. A 201 under another name may be the provider's own spelling (a prefix, a normal
 * form, without blanks): its id is kept, and what is read by it tells, or else the 201 itself. What a provider, or
 * something in between, shows of a resource with another externalId must not become ours.
 */
export const createResource = async (
  call: CallState,
  identity: Identity,
  body: JsonObject,
): Promise<RemoteResource> => {
  const { collection } = identity;
  const { created, isKnown } = await call({
    method: "POST",
    path: `/${collection}`,
    body,
    read: (answer) => {
      const created = readCreated(answer, collection);
      const isKnown = isOwn(created, identity, answer.headers.location);
      if (!isKnown && answer.status !== 201) throw new Unreadable(another);
      return { created, isKnown };
    },
  });
  if (isKnown) return created;
  const shown = (await readIfShown(call, collection, created.id)) ?? created;
  if (!mayBeRespelled(shown, identity)) throw anotherResource();
  return { ...shown, id: created.id };
};

const isOwn = (
  { resource }: RemoteResource,
  { nameAttribute, name, externalId }: Identity,
  location: string | undefined,
): boolean => {
  const shown = { name: readKey(resource, nameAttribute), externalId: readKey(resource, "externalId") };
  if (shown.name === undefined && shown.externalId === undefined)
    return [location, readKey(resource, "schemas"), readKey(resource, "meta")].some(
      (one) => one !== undefined,
    );
  const isNamed = asText(shown.name).toLowerCase() === name.toLowerCase();
  return isNamed || (externalId !== undefined && shown.externalId === externalId);
};

/** It is a resource of the kind, and shows no externalId that is not ours. */
const mayBeRespelled = ({ resource }: RemoteResource, { nameAttribute, externalId }: Identity): boolean => {
  const shown = readKey(resource, "externalId") ?? undefined;
  return (
    typeof readKey(resource, nameAttribute) === "string" && [undefined, externalId].includes(shown as string)
  );
};

/** Undefined where the read fails, or the provider does not find yet what it has just made: the 201 stays a fact. */
const readIfShown = async (
  call: CallState,
  collection: Identity["collection"],
  id: string,
): Promise<RemoteResource | undefined> => {
  try {
    return await call({
      method: "GET",
      path: resourcePath(collection, id),
      byId: true,
      aside: true,
      read: (answer) => readRequested(answer, collection, id),
    });
  } catch (error) {
    if (error instanceof ProviderFailure) return undefined;
    throw error;
  }
};

const anotherResource = (): ProviderFailure => {
  const message = `The service provider answered ${titleOf(201)} ${another}`;
  const answer = { status: 201, message: titleOf(201), details: [message] };
  return new ProviderFailure("malformed", message, { status: 201, maybeApplied: true, answer });
};
