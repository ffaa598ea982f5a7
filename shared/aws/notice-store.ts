import type { NoticeHead, NoticePage, NoticeStore } from "../provisioning/ports/notice-store.ts";
import { allNotices, type Key, noticeHeadKey, noticePageKey } from "./table/keys.ts";
import { createStateTable, type TableAccess, takeFrom } from "./table/state-table.ts";

/** `by`: the run that wrote it last, which tells its own write from another's after a lost reply. */
type Kept<T> = T & Key & { by: string };

/** What was told, in a partition of the state table: a head, and pages. */
export const createNoticeStore = (access: TableAccess): NoticeStore => {
  const table = createStateTable(access);
  const atRev = (rev: number, runId: string) => ({
    when: `${rev === 0 ? "attribute_not_exists(#rev)" : "#rev = :rev"} OR (#rev = :next AND #by = :by)`,
    values: { next: rev + 1, by: runId, ...(rev > 0 && { rev }) },
  });

  return {
    async read() {
      const items = await takeFrom(table.pages<Kept<NoticeHead> | Kept<NoticePage>>(allNotices));
      const head = items.find((item): item is Kept<NoticeHead> => item.sk === noticeHeadKey.sk);
      const pages = items.filter((item): item is Kept<NoticePage> => item.sk !== noticeHeadKey.sk);
      return { head: head ? toHead(head) : { rev: 0, channels: {} }, pages: pages.map(toPage) };
    },

    saveHead: (head, runId) =>
      table.put(noticeHeadKey, { ...head, rev: head.rev + 1, by: runId }, atRev(head.rev, runId)),

    async savePage(page, runId) {
      const { kind, integrationId, part, rev, entries } = page;
      const key = noticePageKey(kind, integrationId, part);
      if (entries.length > 0) return table.put(key, { ...page, rev: rev + 1, by: runId }, atRev(rev, runId));
      const isGone = "attribute_not_exists(#rev)";
      return table.remove(
        key,
        rev === 0 ? { when: isGone } : { when: `${isGone} OR #rev = :rev`, values: { rev } },
      );
    },
  };
};

const toHead = ({ rev, lease, channels }: NoticeHead): NoticeHead => ({
  rev,
  ...(lease && { lease }),
  channels,
});

const toPage = ({ kind, integrationId, label, part, rev, entries }: NoticePage): NoticePage => ({
  kind,
  integrationId,
  label,
  part,
  rev,
  entries,
});
