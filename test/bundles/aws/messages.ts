import { createHash, randomUUID } from "node:crypto";
import { AwsError } from "../../../infra/local/signing/aws-error.ts";
import type { Deployed } from "../stack/deployed.ts";
import type { Authority } from "./authority.ts";
import { jsonService, type Service } from "./aws-server.ts";
import { requireRights } from "./stores.ts";

export type Message = {
  messageId: string;
  body: string;
  attributes: Record<string, string>;
  received: number;
};
export type MessageQueue = { arn: string; messages: Message[]; onMessage: () => void };

const md5 = (text: string): string => createHash("md5").update(text).digest("hex");

/** The queues of the stack, as far as senders see them: SendMessage alone. What reads them is Lambda itself. */
export const openQueues = (
  stack: Deployed,
  authority: Authority,
): { service: Service; queues: MessageQueue[] } => {
  const queues = stack.queues.map(
    ({ arn }): MessageQueue => ({ arn, messages: [], onMessage: () => undefined }),
  );
  const service = jsonService("sqs", "application/x-amz-json-1.0", async (principal, operation, input) => {
    const { QueueUrl, MessageBody, MessageGroupId } = input as Record<string, string | undefined>;
    const at = stack.queues.findIndex(({ url }) => url === QueueUrl);
    const queue = queues[at];
    if (!queue) throw new AwsError(400, { __type: "com.amazonaws.sqs#QueueDoesNotExist" });
    requireRights(authority, principal, [{ action: `sqs:${operation}`, resource: queue.arn, context: {} }]);
    if (operation !== "SendMessage" || MessageBody === undefined)
      throw new Error(`SQS: ${operation} is not served here`);
    const message = {
      messageId: randomUUID(),
      body: MessageBody,
      attributes: MessageGroupId === undefined ? {} : { MessageGroupId },
      received: 0,
    };
    queue.messages.push(message);
    queue.onMessage();
    return { MessageId: message.messageId, MD5OfMessageBody: md5(MessageBody) };
  });
  return { service, queues };
};

export type Notification = { topic: string; subject?: string; message: string };

/** Topics, as far as publishers see them: Publish alone, in SNS's own protocol of forms and XML. */
export const openTopics = (authority: Authority): { service: Service; published: Notification[] } => {
  const published: Notification[] = [];
  const service: Service = {
    name: "sns",
    async respond(principal, { body }) {
      const form = new URLSearchParams(body.toString());
      const [action, topic, message] = [form.get("Action"), form.get("TopicArn"), form.get("Message")];
      if (topic === null || message === null) throw new Error(`SNS: ${action} is not served here`);
      requireRights(authority, principal, [{ action: `sns:${action}`, resource: topic, context: {} }]);
      const subject = form.get("Subject");
      published.push({ topic, message, ...(subject === null ? {} : { subject }) });
      const result = `<PublishResult><MessageId>${randomUUID()}</MessageId></PublishResult>`;
      const meta = `<ResponseMetadata><RequestId>${randomUUID()}</RequestId></ResponseMetadata>`;
      const answer = `<PublishResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/">${result}${meta}</PublishResponse>`;
      return { type: "text/xml", body: answer };
    },
  };
  return { service, published };
};
