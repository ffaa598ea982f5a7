import { decodeCursor, encodeCursor, pageOf } from "../../shared/common/cursor.ts";
import { itemKey, type LinkItems, type RestingLinks } from "../../shared/memory/link-store.ts";
import type { Request } from "../../shared/memory/request.ts";
import type { UserItems } from "../../shared/memory/user-store.ts";
import type { SavedGroup, SavedUser } from "../../shared/model/directory.ts";
import type { Link } from "../../shared/model/link.ts";
import type { Work, WorkState } from "../../shared/model/work.ts";
import { waitingList } from "../../shared/provisioning/ports/list-names.ts";
import { isAmong, type WorkIndex, type WorkRef } from "../../shared/provisioning/ports/work-index.ts";
import type { GroupItems } from "./group-items.ts";

type Items = {
  users: UserItems;
  groups: GroupItems;
  // biome-ignore lint/suspicious/noExplicitAny: what the links hold does not matter here.
  userLinks: LinkItems<any, any>;
  // biome-ignore lint/suspicious/noExplicitAny: what the links hold does not matter here.
  groupLinks: LinkItems<any, any>;
  resting: RestingLinks;
};
type Marked = { kind: "user" | "group"; link: Link<unknown, { attempts: number }>; work: Work };

const refOf = ({ kind, link, work: { urgency, at, setAt, since } }: Marked): WorkRef => ({
  kind,
  key: { integrationId: link.integrationId, id: link.id },
  urgency,
  at,
  setAt,
  since,
});

/** The index of work in memory. What was marked less than `lagMs` ago is not seen yet. */
export const memoryWorkIndex = (
  { users, groups, userLinks, groupLinks, resting }: Items,
  request: Request,
  now: () => number,
  lagMs: () => number = () => 0,
): WorkIndex => {
  const marked = (integrationId: string, state: WorkState): Marked[] => {
    const until = now() - lagMs();
    const all = [
      ...[...userLinks.values()].map((link) => ({ kind: "user" as const, link })),
      ...[...groupLinks.values()].map((link) => ({ kind: "group" as const, link })),
    ];
    return all.flatMap(({ kind, link }) => {
      const { work } = link;
      const isShown = work && link.integrationId === integrationId && work.state === state;
      return isShown && work.setAt <= until ? [{ kind, link, work }] : [];
    });
  };

  return {
    changed: (before, limit) =>
      request("read changed objects", () => {
        const all = [
          ...[...users.values()].map(({ userId: id, changed }) => ({ kind: "user" as const, id, changed })),
          ...[...groups.values()].map(({ saved }) => ({
            kind: "group" as const,
            id: saved.groupId,
            changed: saved.changed,
          })),
        ];
        return all
          .filter(({ changed }) => changed !== undefined && changed.at < before)
          .toSorted((a, b) => (a.changed?.at ?? 0) - (b.changed?.at ?? 0))
          .slice(0, limit)
          .map(({ kind, id }) => ({ kind, id }));
      }),

    async *made(from) {
      yield await request("read made objects", () => {
        const isMade = ({ changed, unrecorded, updatedAt }: SavedUser | SavedGroup) =>
          !changed && unrecorded !== undefined && Date.parse(updatedAt) >= from;
        return [
          ...[...users.values()].filter(isMade).map(({ userId: id }) => ({ kind: "user" as const, id })),
          ...[...groups.values()]
            .filter(({ saved }) => isMade(saved))
            .map(({ saved: { groupId: id } }) => ({ kind: "group" as const, id })),
        ];
      });
    },

    waiting: (integrationId, state, urgency, { limit, ...which }) =>
      request(`read ${state} work`, () =>
        marked(integrationId, state)
          .filter(({ work }) => work.urgency === urgency && isAmong(work, which))
          .toSorted((a, b) => a.work.at - b.work.at)
          .slice(0, limit)
          .map(refOf),
      ),

    first: (integrationId, state, limit) =>
      request(`read the first ${state} work`, () =>
        marked(integrationId, state)
          .toSorted((a, b) => a.work.urgency - b.work.urgency || a.work.at - b.work.at)
          .slice(0, limit)
          .map(refOf),
      ),

    list: (of, page) =>
      request(`list ${of.state} work`, () => {
        const name = waitingList(of);
        const places: { id: string; place: string }[] = marked(of.integrationId, of.state)
          .filter(({ kind }) => kind === of.kind)
          .map(({ link: { id }, work: { urgency, at } }) => ({
            id,
            place: `${urgency}#${String(at).padStart(15, "0")}#${id}`,
          }))
          .toSorted((a, b) => (a.place < b.place ? -1 : 1));
        const after = decodeCursor(name, page.cursor, /^[01]#/) ?? "";
        const rest = places.filter(({ place }) => place > after);
        return pageOf(rest, page.limit, ({ place }) => encodeCursor(name, place));
      }),

    count: (integrationId, state, most) =>
      request(`count ${state} work`, () => {
        const counts = { users: 0, groups: 0 };
        for (const { kind } of marked(integrationId, state).slice(0, most))
          counts[kind === "user" ? "users" : "groups"] += 1;
        return counts;
      }),

    countLinks: (integrationId, kind, rest) =>
      request(`count ${rest ?? ""} ${kind} links`, () => {
        const links = [...(kind === "user" ? userLinks : groupLinks).values()];
        const isCounted = (link: { integrationId: string; id: string }) =>
          link.integrationId === integrationId && (!rest || resting.get(`${kind} ${itemKey(link)}`) === rest);
        return links.filter(isCounted).length;
      }),
  };
};
