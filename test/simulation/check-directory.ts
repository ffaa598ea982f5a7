import { type DirectoryInsightsEvent, directoryEventTypes } from "../../shared/model/event.ts";
import type { EventRecord } from "../../shared/provisioning/ports/event-log.ts";
import type { World } from "./world.ts";

const types = new Set<string>(directoryEventTypes);
export const isOfDirectory = ({ event_type }: DirectoryInsightsEvent): boolean => types.has(event_type);

/**
 * Each change of the directory has one event, but the latest, which may still be a mark on its object; and told in their
 * order, the events make the directory what it is.
 */
export const checkDirectory = ({ memory }: World): string[] => {
  const records = [...memory.events.values()].filter(({ event }) => isOfDirectory(event));
  const ofObject = (type: string, id: string) =>
    records
      .filter(({ event: { resource } }) => resource.type === type && resource.id === id)
      .toSorted((a, b) => (placeOf(a) < placeOf(b) ? -1 : 1));
  const isTold = (eventId = "") => eventId === "" || memory.events.has(eventId);
  return [
    ...[...memory.users.values()].flatMap(({ userId, version, unrecorded }) => {
      const told = ofObject("systemuser", userId).length + (isTold(unrecorded?.eventId) ? 0 : 1);
      return told === version
        ? []
        : [`user ${userId} was changed ${version} times, and events tell of ${told}`];
    }),
    ...[...memory.groups].flatMap(([groupId, { saved, members, voided }]) => {
      if (saved.version === 0 || !isTold(saved.unrecorded?.eventId)) return [];
      const [told, name] = replayed(ofObject("user_group", groupId));
      const present = [...members.values()]
        .filter((item) =>
          item.version <= saved.version && !voided.includes(item.version)
            ? item.present
            : item.previousPresent,
        )
        .map(({ userId }) => userId);
      // The event of an end names the members where the sweep writes it, and not where the call does; nobody is left either way.
      const areSame = saved.deleted === true || present.toSorted().join() === told.toSorted().join();
      const same = name === saved.name && areSame;
      return same
        ? []
        : [`group ${groupId} is ${saved.name}: ${present}, and its events tell ${name}: ${told}`];
    }),
  ];
};

const placeOf = ({ event: { timestamp, id } }: EventRecord): string => `${timestamp}#${id}`;

const replayed = (records: EventRecord[]): [members: string[], name: unknown] => {
  const members = new Set<string>();
  let name: unknown;
  for (const { event, memberUserIds } of records) {
    for (const userId of memberUserIds?.added ?? []) members.add(userId);
    for (const userId of memberUserIds?.removed ?? []) members.delete(userId);
    name = event.changes.find(({ field }) => field === "name")?.to ?? name;
  }
  return [[...members], name];
};
