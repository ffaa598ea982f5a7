import type { AttentionKind } from "./attention.ts";

/** Where people are told: a topic on AWS, a webhook of a chat tool or a pager. */
export const channelNames = ["topic", "webhook"] as const;
export type ChannelName = (typeof channelNames)[number];

export type NoticeStatus = "opened" | "closed";

/** How many of a kind, at an integration, a message tells. */
type NoticeCount = { status: NoticeStatus; kind: AttentionKind; integrationId: string; count: number };

/**
 * What people are told, as it is sent. It is told at least once: the same `messageId` again is the same message. `text` holds
 * no id of a person, since many may read a channel; `ids` does.
 */
export type Notice = {
  messageId: string;
  /** A sentence, or a few: what is wrong, where, since when, and what to do. */
  text: string;
  /** Of several, `opened` where any of them is. */
  status: NoticeStatus;
  /** Of several, the worst. */
  kind: AttentionKind;
  /** Absent where several are of different integrations. */
  integrationId?: string;
  /** How people call that integration. */
  label?: string;
  /** Of users, groups or holds; at most 100, none where it is about the integration itself. */
  ids: string[];
  /** RFC 3339; of several, the earliest. */
  since: string;
  /** How many people it is about, where that is known to be several. */
  people?: number;
  /** Where several are told in one. */
  counts?: NoticeCount[];
};
