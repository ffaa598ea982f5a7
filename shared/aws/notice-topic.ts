import { PublishCommand, SNSClient } from "@aws-sdk/client-sns";
import type { Notice, NoticeStatus } from "../model/notice.ts";
import type { NoticeChannel } from "../provisioning/ports/notice-channel.ts";

/**
 * Messages by an SNS topic: readers of e-mail get the text, all others the JSON.
 */
export const createNoticeTopic = ({
  client,
  topicArn,
}: {
  client: SNSClient;
  topicArn: string;
}): NoticeChannel => ({
  async send(notice, timeoutMs) {
    const command = new PublishCommand({
      TopicArn: topicArn,
      Subject: subjectOf(notice),
      MessageStructure: "json",
      Message: JSON.stringify({ default: JSON.stringify(notice), email: notice.text }),
    });
    await client.send(command, { abortSignal: AbortSignal.timeout(timeoutMs) });
  },
});

/** ASCII of less than 100 characters: SNS refuses another one, and the message with it. */
const subjectOf = ({ status, kind, label, counts = [] }: Notice): string => {
  const sum = (of: NoticeStatus) =>
    counts.filter((one) => one.status === of).reduce((all, { count }) => all + count, 0);
  const where = label === undefined ? "" : ` at ${label}`;
  const one = `${status === "opened" ? "" : "over: "}${kind}${where}`;
  const subject = `Usher: ${counts.length > 0 ? `${sum("opened")} new, ${sum("closed")} over${where}` : one}`;
  return subject
    .normalize("NFKD")
    .replace(/[^\x20-\x7e]/g, "")
    .slice(0, 99);
};

export const createSnsClient = (): SNSClient =>
  new SNSClient({
    maxAttempts: 3,
    requestHandler: { connectionTimeout: 1000, requestTimeout: 3000, throwOnRequestTimeout: true },
  });
