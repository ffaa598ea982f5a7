import type { RemoteResource } from "../../model/attributes.ts";
import { ProviderFailure } from "../../provisioning/ports/provider-failure.ts";
import { readNothing } from "../messages/answers.ts";
import { readRequested } from "../messages/read-requested.ts";
import { resourcePath } from "../messages/resource-path.ts";
import type { HttpAnswer } from "../wire/transport.ts";
import type { ResourceContext } from "./scim-request.ts";

type Read<T> = (shown: RemoteResource, answer: HttpAnswer) => T;

/** GET (RFC 7644 §3.4.1), once the answer was seen to be the resource that was asked for. */
export const readResource = async <T = RemoteResource>(
  { call, collection, id }: Omit<ResourceContext, "profile">,
  read: Read<T> = (shown) => shown as T,
  { query = "", ...further }: { query?: string; aside?: true } = {},
): Promise<T> =>
  call({
    method: "GET",
    path: `${resourcePath(collection, id)}${query}`,
    byId: true,
    ...further,
    read: (answer) => read(readRequested(answer, collection, id), answer),
  });

/** DELETE (RFC 7644 §3.6); false where it is answered 404. */
export const deleteResource = async ({ call, collection, id }: ResourceContext): Promise<boolean> => {
  const read = (answer: HttpAnswer): boolean => {
    readNothing(answer);
    return true;
  };
  const path = resourcePath(collection, id);
  return (await undefinedIfGone(call({ method: "DELETE", path, byId: true, read }))) ?? false;
};

/** Undefined where the provider says that there is none. */
export const undefinedIfGone = async <T>(work: Promise<T>): Promise<T | undefined> => {
  try {
    return await work;
  } catch (error) {
    if (error instanceof ProviderFailure && error.kind === "not-found") return undefined;
    throw error;
  }
};
