import { readKey } from "../mapping/remote-attributes.ts";
import type { RemoteResource } from "../model/attributes.ts";
import { readCreated, Unreadable } from "./answers.ts";
import type { HttpAnswer } from "./transport.ts";

/** What tells a resource of ours from another: its name, and our externalId. */
export type Identity = {
  collection: "Users" | "Groups";
  nameAttribute: "userName" | "displayName";
  name: string;
  externalId?: string | undefined;
};

/**
 * The answer to a POST, if it shows the resource that was sent by its name or externalId, or is a resource that shows
 * neither. What a provider, or something in between, shows of another one must not become ours.
 */
export const readOwnCreated = (answer: HttpAnswer, identity: Identity): RemoteResource => {
  const created = readCreated(answer, identity.collection);
  if (!isOwn(created, identity, answer.headers.location))
    throw new Unreadable("with another resource than the one that was sent");
  return created;
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
  const isNamed = String(shown.name).toLowerCase() === name.toLowerCase();
  return isNamed || (externalId !== undefined && shown.externalId === externalId);
};
