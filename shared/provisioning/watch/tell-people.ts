import type { AttentionKind } from "../../model/attention.ts";
import type { ChannelName } from "../../model/notice.ts";
import type { NoticeChannels } from "../ports/notice-channel.ts";
import type { ChannelStanding, NoticeBook, NoticeStore } from "../ports/notice-store.ts";
import type { Ports } from "../ports/ports.ts";
import type { Finding } from "./look-for.ts";
import { type OpenBook, openBook } from "./open-book.ts";
import { type MessagePlan, messagesOf, planMessages, standingAfter } from "./plan-messages.ts";
import { reconcilePages } from "./reconcile-pages.ts";
import { writeNotice } from "./write-notice.ts";

/** Where people are told, and what they were told. */
export type Notices = { store: NoticeStore; channels: NoticeChannels };
type Desk = Notices & Pick<Ports, "clock" | "newId">;

type Look = {
  findings: Finding[];
  /** Of which kinds these are all. */
  kinds: ReadonlySet<AttentionKind>;
  /** As it was read before the look. */
  book: NoticeBook;
  /** Unix ms: when the run began, by when it has ended, and by when its process has. */
  runAt: number;
  until: number;
  deadAt: number;
};

/** A channel has so long for a message, and for all of one turn. */
const messageMs = 5_000;
const turnMs = 8_000;
/** A channel that fails is left alone for so long, twice as long each time. */
const firstRestMs = 10_000;
const longestRestMs = 5 * 60_000;

/**
 * Tells every channel what it was not told of a look: each message at least once, and again only where the process is stopped,
 * or the store fails, between sending it and noting it. A channel that fails keeps no other from being told.
 * @returns the failures for the log
 */
export const tellPeople = async (desk: Desk, look: Look): Promise<unknown[]> => {
  const { book, until, deadAt } = look;
  const now = desk.clock.now();
  const channels = Object.keys(desk.channels) as ChannelName[];
  const pages = reconcilePages(book.pages, { ...look, channels, now });
  // Of what was not looked for this time, nobody knows whether it is still so.
  const known = pages.filter(({ kind }) => look.kinds.has(kind));
  const plans = channels.map((name) =>
    planMessages(name, known, book.head.channels[name], { now, runAt: look.runAt }),
  );
  const isSame = pages.length === book.pages.length && pages.every((page) => book.pages.includes(page));
  if (isSame && plans.every((plan) => messagesOf(plan).length === 0)) return [];

  // All that is planned is noted as sent, so that runs that are stopped again and again send no more than others.
  const planned = plans.map((plan) => [plan.channel, standingAfter(plan, messagesOf(plan).length, now)]);
  const standings = { ...book.head.channels, ...Object.fromEntries(planned) };
  const opening = { runId: desk.newId(now), until: deadAt, now, channels: standings };
  const open = await openBook(desk.store, book, pages, opening);
  if (!open) return [];

  const failures: unknown[] = [];
  const ended: Partial<Record<ChannelName, ChannelStanding>> = {};
  for (const plan of plans) {
    const { standing, failure } = await sendAll(desk, open, plan, until);
    ended[plan.channel] = standing;
    if (failure) failures.push(failure);
  }
  await open.close({ ...book.head.channels, ...ended });
  return failures;
};

/** Sends until one message is not taken, or time is up: what is left is untold still, and comes in the next run. */
const sendAll = async (
  { channels, clock, newId }: Desk,
  open: OpenBook,
  plan: MessagePlan,
  until: number,
): Promise<{ standing: ChannelStanding; failure?: Error }> => {
  const { channel } = plan;
  const messages = messagesOf(plan);
  const endAt = Math.min(until, clock.now() + turnMs);
  const after = (sent: number) => standingAfter(plan, sent, clock.now());
  let sent = 0;
  for (const message of messages) {
    const leftMs = endAt - clock.now();
    if (leftMs <= 0) break;
    try {
      await channels[channel]?.send(writeNotice(message, newId(clock.now())), Math.min(messageMs, leftMs));
    } catch (error) {
      const failure = new Error(`The ${channel} did not take a message.`, { cause: error });
      return { standing: resting(after(sent), clock.now()), failure };
    }
    await open.noteTold(channel, message);
    sent += 1;
  }
  return { standing: sent > 0 ? { ...after(sent), failures: 0, nextAt: 0 } : after(0) };
};

const resting = (standing: ChannelStanding, now: number): ChannelStanding => {
  const failures = standing.failures + 1;
  const restMs = Math.min(longestRestMs, firstRestMs * 2 ** Math.min(failures - 1, 10));
  return { ...standing, failures, nextAt: now + restMs };
};
