import { omit } from "../../common/objects.ts";
import type { AttentionKind } from "../../model/attention.ts";
import type { ChannelName, NoticeStatus } from "../../model/notice.ts";
import type { NoticeEntry, NoticePage } from "../ports/notice-store.ts";
import type { Finding } from "./look-for.ts";

/** What is over for a shorter time may be a try in between, and is told to nobody. */
export const quietMs = 30_000;
/** A channel that takes nothing for so long is not told any more of what is over. */
const givenUpMs = 24 * 60 * 60_000;
/** Entries of one page: with ids of any length they fit into an item, which holds 400 KB. */
const mostEntries = 500;

/** What people are to know of an entry now; undefined while that is left open. */
export const noticeStatus = ({ overAt }: NoticeEntry, now: number): NoticeStatus | undefined => {
  if (overAt === undefined) return "opened";
  return overAt + quietMs <= now ? "closed" : undefined;
};

/** Whether the channel is to be told. That something is over, it is told where it was told that it is so. */
export const isUntold = (entry: NoticeEntry, channel: ChannelName, now: number): boolean => {
  const status = noticeStatus(entry, now);
  if (status === "closed") return entry.told[channel] === "opened";
  return status === "opened" && entry.told[channel] !== "opened";
};

type Looked = {
  /** All that was found, of the kinds that were looked for. */
  findings: Finding[];
  kinds: ReadonlySet<AttentionKind>;
  channels: readonly ChannelName[];
  now: number;
};

/** The pages as they are to be, after a look. One that stays as it was is the same object; an empty one is to be removed. */
export const reconcilePages = (pages: NoticePage[], looked: Looked): NoticePage[] => {
  const places = new Map<string, NoticePage[]>();
  for (const page of pages) {
    if (!looked.kinds.has(page.kind)) continue;
    places.set(placeOf(page), [...(places.get(placeOf(page)) ?? []), page]);
  }
  const found = Map.groupBy(looked.findings, placeOf);
  const names = new Set([...places.keys(), ...found.keys()]);
  const others = pages.filter(({ kind }) => !looked.kinds.has(kind));
  const next = [...names].flatMap((name) =>
    reconcilePlace(places.get(name) ?? [], found.get(name) ?? [], looked),
  );
  return [...others, ...next];
};

const placeOf = ({ kind, integrationId }: Pick<Finding, "kind" | "integrationId">): string =>
  `${kind} ${integrationId}`;

/** Of one kind at one integration. */
const reconcilePlace = (pages: NoticePage[], findings: Finding[], looked: Looked): NoticePage[] => {
  const found = new Map(findings.map((finding) => [finding.id, finding]));
  // Too many to be told apart: nobody knows which of those told before are among them.
  const isCrowd = found.has("many");
  const crowd = pages.flatMap(({ entries }) => entries).find(({ id }) => id === "many");
  const isDispersed = crowd !== undefined && !isCrowd && found.size > 0;

  const kept = pages.map((page) => {
    const entries = page.entries.flatMap((entry) => {
      const finding = found.get(entry.id);
      found.delete(entry.id);
      if (finding) return [entry.overAt === undefined ? entry : backAgain(entry, finding)];
      if (isCrowd) return [entry];
      if (isDispersed && entry === crowd) return [];
      return isDone(entry, looked) ? [] : [{ ...entry, overAt: entry.overAt ?? looked.now }];
    });
    const isSame =
      entries.length === page.entries.length &&
      entries.every((entry, at) => isAlike(entry, page.entries[at]));
    return isSame ? page : { ...page, entries };
  });
  // Those of a crowd were told with it.
  const told = isDispersed ? crowd.told : {};
  return addTo(
    kept,
    [...found.values()].map((finding) => ({ finding, told })),
  );
};

const isAlike = (entry: NoticeEntry, before: NoticeEntry | undefined): boolean =>
  entry === before || (entry.id === before?.id && entry.overAt === before.overAt);

const backAgain = (entry: NoticeEntry, { since }: Finding): NoticeEntry => ({
  ...omit(entry, "overAt"),
  since,
});

const isDone = (entry: NoticeEntry, { channels, now }: Looked): boolean => {
  if (noticeStatus(entry, now) !== "closed") return false;
  const isGivenUp = (entry.overAt ?? now) + givenUpMs <= now;
  return isGivenUp || channels.every((channel) => !isUntold(entry, channel, now));
};

type Fresh = { finding: Finding; told: NoticeEntry["told"] };

const addTo = (pages: NoticePage[], fresh: Fresh[]): NoticePage[] => {
  const [first] = fresh;
  if (!first) return pages;
  const { kind, integrationId, label } = first.finding;
  const next = [...pages];
  const rest = fresh.map(({ finding: { id, since, people }, told }) => ({
    id,
    since,
    ...(people !== undefined && { people }),
    told,
  }));
  for (let part = 0; rest.length > 0; part += 1) {
    const at = next.findIndex((page) => page.part === part);
    const page = next[at] ?? { kind, integrationId, label, part, rev: 0, entries: [] };
    const taken = rest.splice(0, Math.max(0, mostEntries - page.entries.length));
    if (taken.length === 0) continue;
    next.splice(at === -1 ? next.length : at, 1, { ...page, label, entries: [...page.entries, ...taken] });
  }
  return next;
};
