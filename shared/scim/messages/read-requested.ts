import { isSameId } from "../../common/names.ts";
import { isObject } from "../../common/objects.ts";
import { readKey } from "../../mapping/remote-attributes.ts";
import type { RemoteResource } from "../../model/attributes.ts";
import type { HttpAnswer } from "../wire/transport.ts";
import { readObject, toRemote, Unreadable } from "./answers.ts";

/**
 * The resource that was asked for by this id, in whatever case. Anything else that a 200 shows must not be believed.
 */
export const readRequested = (answer: HttpAnswer, collection: string, id: string): RemoteResource => {
  const shown = toRemote(readObject(answer), collection);
  if (!isSameId(shown.id, id)) throw new Unreadable("with another resource than asked for");
  return shown;
};

/** Its ETag, by the header or by `meta.version` (RFC 7644 §3.14), if it can stand in a header. */
export const etagOf = (answer: HttpAnswer, { resource }: RemoteResource): string | undefined => {
  const meta = readKey(resource, "meta");
  const etag = answer.headers.etag ?? (isObject(meta) ? readKey(meta, "version") : undefined);
  return typeof etag === "string" && /^[\x21-\x7e]{1,256}$/.test(etag) ? etag : undefined;
};
