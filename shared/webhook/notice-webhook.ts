import type { NoticeChannel } from "../provisioning/ports/notice-channel.ts";
import { checkTokenUrl, type GuardOptions, type Resolve } from "../scim/wire/outbound-guard.ts";
import { createExchange } from "../scim/wire/transport.ts";
import { TransportFailure } from "../scim/wire/transport-failure.ts";

/** What the receiver answers tells nothing; so much of it is read, and no more. */
const maxResponseBytes = 16 * 1024;

/** `readUrl` answers where to: often a secret of its own, so it is told by no error. */
type Webhook = GuardOptions & { readUrl(): Promise<string>; resolve?: Resolve };

/**
 * Messages by POST of their JSON: by https to a public address, or to this machine where code allows it. A redirect is not
 * followed. Taken is what is answered with 2xx.
 */
export const createNoticeWebhook = ({ readUrl, ...rules }: Webhook): NoticeChannel => {
  const exchange = createExchange({ ...rules, maxResponseBytes });
  return {
    async send(notice, timeoutMs) {
      const checked = checkTokenUrl(await readUrl(), rules);
      if (!checked.ok) throw new Error(`The address of the webhook ${checked.reason}.`);
      const request = {
        method: "POST",
        url: new URL(checked.url),
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify(notice),
        timeoutMs,
      };
      const { status } = await exchange(request)
        .catch((error: unknown) => {
          // A connection of the run before, closed since: nothing was sent.
          if (error instanceof TransportFailure && error.reason === "stale-socket") return exchange(request);
          throw error;
        })
        .catch((error: unknown) => {
          throw new Error(whyNot(error));
        });
      if (status < 200 || status > 299) throw new Error(`The webhook answered ${status}.`);
    },
  };
};

/** The name of the host may be a part of the secret, too. */
const whyNot = (error: unknown): string =>
  error instanceof TransportFailure
    ? `The webhook could not be called (${error.reason}).`
    : "The webhook could not be called.";
