import { attentionKinds } from "../../model/attention.ts";
import type { ChannelName, NoticeStatus } from "../../model/notice.ts";
import type { ChannelStanding, NoticeEntry, NoticePage } from "../ports/notice-store.ts";
import { isUntold, noticeStatus } from "./reconcile-pages.ts";

/** So many are told one by one in five minutes. */
const mostAlone = 10;
const windowMs = 5 * 60_000;
/** Those beyond go together, once a minute at most, and those of open access apart. */
const joinedEachMs = 60_000;

/** What a channel is to be told of an entry. */
export type Telling = { page: NoticePage; entry: NoticeEntry; status: NoticeStatus };

/** `alone`: one message each. `joined`: all in one more, where there are any. `before`: how the channel stood. */
export type MessagePlan = {
  channel: ChannelName;
  alone: Telling[];
  joined: Telling[];
  before: ChannelStanding;
};

const unused: ChannelStanding = { sentAt: [], failures: 0, nextAt: 0 };

/**
 * What a channel is to be told of these pages now, the worst first; nothing while it is not to be tried. `runAt`: when the run
 * began, which plans more than once.
 */
export const planMessages = (
  channel: ChannelName,
  pages: NoticePage[],
  standing: ChannelStanding = unused,
  { now, runAt }: { now: number; runAt: number },
): MessagePlan => {
  const before = { ...standing, sentAt: standing.sentAt.filter((at) => at > now - windowMs) };
  const untold = now < before.nextAt ? [] : untoldOf(channel, pages, now);
  const alone = untold.slice(0, Math.max(0, mostAlone - before.sentAt.length));
  const { joinedAt = 0 } = before;
  const isJoinedOften = joinedAt > now - joinedEachMs && joinedAt < runAt;
  return { channel, alone, joined: isJoinedOften ? [] : untold.slice(alone.length), before };
};

export const messagesOf = ({ alone, joined }: MessagePlan): Telling[][] => [
  ...alone.map((telling) => [telling]),
  ...(joined.length > 0 ? [joined] : []),
];

/** How the channel stands once so many of the messages were sent; of its failures nothing is said. */
export const standingAfter = (
  { alone, before }: MessagePlan,
  sent: number,
  now: number,
): ChannelStanding => ({
  ...before,
  sentAt: [...before.sentAt, ...alone.slice(0, sent).map(() => now)],
  ...(sent > alone.length && { joinedAt: now }),
});

const untoldOf = (channel: ChannelName, pages: NoticePage[], now: number): Telling[] =>
  pages
    .flatMap((page) =>
      page.entries.flatMap((entry) => {
        const status = noticeStatus(entry, now);
        return status && isUntold(entry, channel, now) ? [{ page, entry, status }] : [];
      }),
    )
    .toSorted(byWeight);

/** What is open before what is over, then by kind, then the oldest. */
export const byWeight = (a: Telling, b: Telling): number =>
  Number(a.status === "closed") - Number(b.status === "closed") ||
  attentionKinds.indexOf(a.page.kind) - attentionKinds.indexOf(b.page.kind) ||
  a.entry.since - b.entry.since;
