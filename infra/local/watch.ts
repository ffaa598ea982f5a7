import { randomUUID } from "node:crypto";
import { handler as watchIntegrations } from "../../functions/watch-integrations.ts";
import { checkTokenUrl } from "../../shared/scim/wire/outbound-guard.ts";
import { toContext } from "./front/http-event.ts";

export type LocalWatch = {
  /** Once now, behind the one that may be under way. */
  run(): Promise<void>;
  /** Lets the one under way end. */
  stop(): Promise<void>;
};

/** The schedule of the watch: each `eachMs`, never twice at once; without it, when it is asked for alone. */
export const startWatch = (eachMs: number | undefined): LocalWatch => {
  let last: Promise<void> = Promise.resolve();
  let isRunning = false;
  const run = (): Promise<void> => {
    const one = async () => {
      isRunning = true;
      try {
        await watchIntegrations({}, toContext("watch-integrations", randomUUID()));
      } finally {
        isRunning = false;
      }
    };
    last = last.catch(() => {}).then(one);
    return last;
  };
  // The handler has logged what went wrong; the next run tries again.
  const tick = () => {
    if (!isRunning) run().catch(() => {});
  };
  const timer = eachMs === undefined ? undefined : setInterval(tick, eachMs).unref();
  return {
    run,
    async stop() {
      clearInterval(timer);
      await last.catch(() => {});
    },
  };
};

/** @throws Error, which does not repeat the address, where no message could be posted there */
export const checkNotifyUrl = (url: string): void => {
  const checked = checkTokenUrl(url, { allowLoopback: true });
  if (!checked.ok) throw new Error(`USHER_NOTIFY_URL ${checked.reason}`);
};
