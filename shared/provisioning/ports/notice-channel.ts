import type { ChannelName, Notice } from "../../model/notice.ts";

/** One way to tell people. */
export type NoticeChannel = {
  /**
   * Ends within `timeoutMs`. Throws Error, which holds neither the address nor a secret, where it is not known that the
   * message was taken.
   */
  send(notice: Notice, timeoutMs: number): Promise<void>;
};

/** Those that are set up. */
export type NoticeChannels = Partial<Record<ChannelName, NoticeChannel>>;
