import type { NoticeHead, NoticePage, NoticeStore } from "../../shared/provisioning/ports/notice-store.ts";
import { copyOf, type Request } from "./request.ts";

export type NoticeItems = Map<string, { item: NoticeHead | NoticePage; rev: number; by: string }>;

/** What was told, in memory. */
export const memoryNoticeStore = (items: NoticeItems, request: Request): NoticeStore => {
  const put = (key: string, item: NoticeHead | NoticePage, by: string): boolean => {
    const there = items.get(key);
    const isOwn = there?.rev === item.rev + 1 && there.by === by;
    if ((there?.rev ?? 0) !== item.rev && !isOwn) return false;
    const rev = item.rev + 1;
    items.set(key, copyOf({ item: { ...item, rev }, rev, by }));
    return true;
  };
  const remove = (key: string, rev: number): boolean =>
    !items.has(key) || (items.get(key)?.rev === rev && items.delete(key));

  return {
    read: () =>
      request("read notices", () => {
        const head = items.get("head")?.item as NoticeHead | undefined;
        const pages = [...items].flatMap(([key, { item }]) => (key === "head" ? [] : [item as NoticePage]));
        return copyOf({ head: head ?? { rev: 0, channels: {} }, pages });
      }),
    saveHead: (head, runId) => request("save head of notices", () => put("head", head, runId)),
    savePage: (page, runId) =>
      request("save page of notices", () => {
        const key = `${page.kind} ${page.integrationId} ${page.part}`;
        return page.entries.length > 0 ? put(key, page, runId) : remove(key, page.rev);
      }),
  };
};
