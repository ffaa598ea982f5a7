import type { DirectoryInsightsEvent } from "../../model/event.ts";
import type { Key } from "../table/keys.ts";
import { keyAttributes } from "./event-keys.ts";

/** An event as it was built, with its keys; or a reference, which leads from a member to the event of the group. */
export type EventItem = Key & { timestamp: string; expiresAt: number; event_id?: string };

/** The event as it was built, without keys and expiry. */
export const documentIn = (item: EventItem): DirectoryInsightsEvent => {
  const document = Object.entries<unknown>(item).filter(([name]) => !keyAttributes.has(name));
  return Object.fromEntries(document) as DirectoryInsightsEvent;
};
