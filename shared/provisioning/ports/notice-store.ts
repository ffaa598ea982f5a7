import type { AttentionKind } from "../../model/attention.ts";
import type { ChannelName, NoticeStatus } from "../../model/notice.ts";

/** Something that needs, or needed, a person, and what each channel was told of it last. */
export type NoticeEntry = {
  /** Of `kind` at an integration: `user#ID`, `group#ID`, `hold#ID`, empty for the integration, `many` for all in one. */
  id: string;
  /** Unix ms. */
  since: number;
  /** How many people it is about. */
  people?: number;
  /** Unix ms: when it was first seen to be over. */
  overAt?: number;
  told: Partial<Record<ChannelName, NoticeStatus>>;
};

/** Entries of one kind at one integration: a part of them, so that it fits into one item. */
export type NoticePage = {
  kind: AttentionKind;
  integrationId: string;
  /** How people call the integration. */
  label: string;
  part: number;
  /** Grows with every write; 0 stands for one that is not there. */
  rev: number;
  entries: NoticeEntry[];
};

/** Times in Unix ms. */
export type ChannelStanding = {
  /** When it was told of one thing at a time, of late. */
  sentAt: number[];
  /** When it was last told of several in one. */
  joinedAt?: number;
  /** Messages in a row that it did not take, and when it is tried again. */
  failures: number;
  nextAt: number;
};

export type NoticeHead = {
  rev: number;
  /** Who is telling, and until when nobody else may. */
  lease?: { runId: string; until: number };
  channels: Partial<Record<ChannelName, ChannelStanding>>;
};

export type NoticeBook = { head: NoticeHead; pages: NoticePage[] };

/**
 * What was told. Reads are strongly consistent; each write is of one item, under its revision, and safe to repeat by the
 * same run. Throws Failure `store-unavailable`.
 */
export type NoticeStore = {
  read(): Promise<NoticeBook>;
  /** Write the head, if it is still at its `rev`. */
  saveHead(head: NoticeHead, runId: string): Promise<boolean>;
  /** Write the page, or remove it where it has no entry, if it is still at its `rev`. */
  savePage(page: NoticePage, runId: string): Promise<boolean>;
};
