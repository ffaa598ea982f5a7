import type { NoticeBook, NoticeEntry, NoticeHead, NoticePage, NoticeStore } from "../ports/notice-store.ts";
import type { MessagePlan, Telling } from "./plan-messages.ts";

/** The book in the hands of the one run that tells people. */
export type OpenBook = {
  /** That these were told. */
  noteTold(channel: MessagePlan["channel"], tellings: Telling[]): Promise<void>;
  /** Writes what has not been written yet, and lets go of the book. */
  close(channels: NoticeHead["channels"]): Promise<void>;
};

type Opening = {
  runId: string;
  /** Unix ms: by then the run has ended, whatever becomes of it. */
  until: number;
  now: number;
  channels: NoticeHead["channels"];
};

/**
 * Takes the book, as it was read, for this run: undefined where another run has it, or has written it since. `pages` are
 * those that are to be.
 */
export const openBook = async (
  store: NoticeStore,
  book: NoticeBook,
  pages: NoticePage[],
  { runId, until, now, channels }: Opening,
): Promise<OpenBook | undefined> => {
  const { lease } = book.head;
  if (lease && lease.until > now) return undefined;
  const head: NoticeHead = { ...book.head, lease: { runId, until }, channels };
  if (!(await store.saveHead(head, runId))) return undefined;

  const written = new Set(book.pages);
  const latest = new Map(pages.map((page) => [placeOf(page), page]));
  const save = async (place: string): Promise<void> => {
    const page = latest.get(place);
    if (!page || written.has(page)) return;
    orStop(await store.savePage(page, runId));
    const saved = { ...page, rev: page.rev + 1 };
    written.add(saved);
    latest.set(place, saved);
  };

  return {
    async noteTold(channel, tellings) {
      const told = new Map(
        tellings.map(({ page, entry, status }) => [`${placeOf(page)} ${entry.id}`, status]),
      );
      const places = new Set(tellings.map(({ page }) => placeOf(page)));
      for (const place of places) {
        const page = latest.get(place);
        if (!page) continue;
        const noted = (entry: NoticeEntry): NoticeEntry => {
          const status = told.get(`${place} ${entry.id}`);
          return status ? { ...entry, told: { ...entry.told, [channel]: status } } : entry;
        };
        latest.set(place, { ...page, entries: page.entries.map(noted) });
        await save(place);
      }
    },
    async close(standings) {
      for (const place of latest.keys()) await save(place);
      orStop(await store.saveHead({ rev: head.rev + 1, channels: standings }, runId));
    },
  };
};

const placeOf = ({ kind, integrationId, part }: NoticePage): string => `${kind} ${integrationId} ${part}`;

const orStop = (isWritten: boolean): void => {
  if (!isWritten) throw new Error("Another run tells people by now: this one has stopped.");
};
