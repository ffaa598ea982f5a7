import type { SavedGroup, SavedUser } from "../model/directory.ts";
import { type NamingPorts, objectOfName } from "./names.ts";

/*
 * What a source calls so, found by keys and read strongly: it is there once it was saved, and costs the same among 100,000.
 */

/** In any case. */
export const userOfName = (
  ports: NamingPorts,
  sourceId: string,
  userName: string,
): Promise<SavedUser | undefined> =>
  objectOfName(ports, "user", { sourceId, kind: "userName", value: userName });

/** To the letter. */
export const userOfExternalId = (
  ports: NamingPorts,
  sourceId: string,
  externalId: string,
): Promise<SavedUser | undefined> =>
  objectOfName(ports, "user", { sourceId, kind: "user externalId", value: externalId });

/** In any case. */
export const groupOfName = (
  ports: NamingPorts,
  sourceId: string,
  displayName: string,
): Promise<SavedGroup | undefined> =>
  objectOfName(ports, "group", { sourceId, kind: "displayName", value: displayName });

/** To the letter. */
export const groupOfExternalId = (
  ports: NamingPorts,
  sourceId: string,
  externalId: string,
): Promise<SavedGroup | undefined> =>
  objectOfName(ports, "group", { sourceId, kind: "group externalId", value: externalId });
