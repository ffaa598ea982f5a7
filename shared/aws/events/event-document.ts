import { isDeepStrictEqual } from "node:util";
import { omit } from "../../common/objects.ts";
import { associationOf } from "../../model/association.ts";
import type { DirectoryInsightsEvent } from "../../model/event.ts";
import type { Key } from "../table/keys.ts";
import { keyAttributes } from "./event-keys.ts";

/** A stored event with its keys; or a reference, which leads from a member to the event of the group. */
export type EventItem = Key & { timestamp: string; expiresAt: number; event_id?: string };

/** The same in every event. */
const constants = { "@version": "1", service: "directory" } as const;

/**
 * The event as it is stored: without what is the same in every event, and what the rest of it says again. With that most
 * events would take a second kilobyte in each of their copies. Version 0.1 kept it.
 */
export const storedDocument = (event: DirectoryInsightsEvent): object => {
  const { association } = associationOf(event);
  const stored = omit(event, "@version", "service");
  const short = isDeepStrictEqual(event.association, association) ? omit(stored, "association") : stored;
  const { application, idm_client_id } = event;
  return application && application.id === idm_client_id
    ? { ...short, application: omit(application, "id") }
    : short;
};

/** The event as it was built, without keys and expiry. */
export const documentIn = (item: EventItem): DirectoryInsightsEvent => {
  const stored = Object.entries<unknown>(item).filter(([name]) => !keyAttributes.has(name));
  const document = { ...constants, ...Object.fromEntries(stored) } as DirectoryInsightsEvent;
  const { application, idm_client_id = "" } = document;
  const whole = application
    ? { ...document, application: { ...application, id: application.id ?? idm_client_id } }
    : document;
  return { ...associationOf(whole), ...whole };
};
