import { beforeEach, expect, it } from "vitest";
import type { NoticeHead, NoticePage, NoticeStore } from "../../shared/provisioning/ports/notice-store.ts";

const page = (fields: Partial<NoticePage> = {}): NoticePage => ({
  kind: "failed",
  integrationId: "int-1",
  label: "Example prod",
  part: 0,
  rev: 0,
  entries: [{ id: "user#a.b_c@d:e+f-g", since: 1_000, told: {} }],
  ...fields,
});
const head = (fields: Partial<NoticeHead> = {}): NoticeHead => ({
  rev: 0,
  lease: { runId: "run-1", until: 9_000 },
  channels: { webhook: { sentAt: [1_000, 2_000], joinedAt: 3_000, failures: 2, nextAt: 4_000 } },
  ...fields,
});

/** What every store of notices owes. `open` opens an empty one. */
export const noticeStoreContract = (open: () => Promise<NoticeStore>): void => {
  let store: NoticeStore;
  beforeEach(async () => {
    store = await open();
  });

  it("knows nothing at first", async () => {
    expect(await store.read()).toEqual({ head: { rev: 0, channels: {} }, pages: [] });
  });

  it("keeps the whole of the head and of each page, and counts their writes", async () => {
    const full = page({
      entries: [
        {
          id: "group#eng",
          since: 1_000,
          people: 3,
          overAt: 2_000,
          told: { topic: "opened", webhook: "closed" },
        },
        { id: "", since: 2_000, told: {} },
      ],
    });
    const others = [page({ part: 1 }), page({ kind: "access-open" }), page({ integrationId: "int-2" })];
    expect(await store.saveHead(head(), "run-1")).toBe(true);
    for (const one of [full, ...others]) expect(await store.savePage(one, "run-1")).toBe(true);
    const book = await store.read();
    expect(book.head).toEqual({ ...head(), rev: 1 });
    expect(book.pages).toHaveLength(4);
    expect(book.pages).toEqual(expect.arrayContaining([full, ...others].map((one) => ({ ...one, rev: 1 }))));
    expect(await store.saveHead({ rev: 1, channels: {} }, "run-1")).toBe(true);
    expect((await store.read()).head).toEqual({ rev: 2, channels: {} });
  });

  it("gives the head, and a page, to the first of two that have read the same", async () => {
    expect(await store.saveHead(head(), "run-1")).toBe(true);
    expect(await store.saveHead(head({ channels: {} }), "run-2")).toBe(false);
    expect(await store.savePage(page(), "run-1")).toBe(true);
    expect(await store.savePage(page({ label: "Other" }), "run-2")).toBe(false);
    const first = page({ rev: 1, entries: [] });
    expect(await store.savePage(page({ rev: 1, label: "New" }), "run-2")).toBe(true);
    expect(await store.savePage(first, "run-1")).toBe(false);
    expect(await store.read()).toMatchObject({
      head: { channels: head().channels },
      pages: [{ label: "New" }],
    });
  });

  it("takes the same write twice of one run, as after a lost reply", async () => {
    for (const _ of [1, 2]) {
      expect(await store.saveHead(head(), "run-1")).toBe(true);
      expect(await store.savePage(page(), "run-1")).toBe(true);
    }
    expect(await store.read()).toMatchObject({ head: { rev: 1 }, pages: [{ rev: 1 }] });
    for (const _ of [1, 2]) expect(await store.savePage(page({ rev: 1, entries: [] }), "run-1")).toBe(true);
    expect((await store.read()).pages).toEqual([]);
  });

  it("keeps 500 entries with the longest ids in a page, and many pages", async () => {
    const entries = Array.from({ length: 500 }, (_, at) => ({
      id: `user#${String(at).padStart(128, "x")}`,
      since: 1_000_000_000_000,
      people: 1_000,
      overAt: 1_000_000_000_000,
      told: { topic: "opened", webhook: "opened" } as const,
    }));
    const parts = Array.from({ length: 20 }, (_, part) => page({ part, entries }));
    for (const part of parts) await store.savePage(part, "run-1");
    expect((await store.read()).pages.flatMap((one) => one.entries)).toHaveLength(10_000);
  });
};
