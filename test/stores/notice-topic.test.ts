import { SNSClient } from "@aws-sdk/client-sns";
import { expect, onTestFinished, test } from "vitest";
import { createNoticeTopic } from "../../shared/aws/notice-topic.ts";
import type { Notice } from "../../shared/model/notice.ts";
import { type Handler, startServer } from "../scim/loopback.ts";

const topicArn = "arn:aws:sns:eu-central-1:111122223333:ops";
const notice: Notice = {
  messageId: "019ac4f0-0000-7000-8000-000000000000",
  text: "The guard holds what would take access from 12 people at Größe 1.",
  status: "opened",
  kind: "held",
  integrationId: "int-1",
  label: "Größe 1",
  ids: ["hold-1"],
  since: "2026-06-01T12:00:00.000Z",
};
const published = `<PublishResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><PublishResult><MessageId>m</MessageId></PublishResult></PublishResponse>`;

/** The real client, before a server that takes what SNS would. */
const given = async (handler: Handler) => {
  const { baseUrl, requests } = await startServer(handler);
  const credentials = { accessKeyId: "AKIATEST", secretAccessKey: "test-secret-access-key" };
  const client = new SNSClient({
    endpoint: new URL(baseUrl).origin,
    region: "eu-central-1",
    credentials,
    maxAttempts: 1,
  });
  onTestFinished(() => client.destroy());
  const sent = () => requests.map(({ body }) => Object.fromEntries(new URLSearchParams(String(body))));
  return { topic: createNoticeTopic({ client, topicArn }), sent };
};
const taking: Handler = () => ({ headers: { "content-type": "text/xml" }, body: published });

test("readers of e-mail get the text, all others the JSON, under a subject of ASCII", async () => {
  const { topic, sent } = await given(taking);
  await topic.send(notice, 5_000);
  const [message] = sent();
  expect(message).toMatchObject({
    Action: "Publish",
    TopicArn: topicArn,
    Subject: "Usher: held at Groe 1",
    MessageStructure: "json",
  });
  const { default: json, email } = JSON.parse(message?.Message ?? "");
  expect(JSON.parse(json)).toEqual(notice);
  expect(email).toBe(notice.text);
});

test("a subject is never longer than SNS takes, and tells what is over, and several in one", async () => {
  const { topic, sent } = await given(taking);
  await topic.send({ ...notice, label: "x".repeat(256), status: "closed" }, 5_000);
  const counts = (["opened", "closed"] as const).map((status) => ({
    status,
    kind: "failed" as const,
    integrationId: "int-1",
    count: 7,
  }));
  const { label: _, ...several } = notice;
  await topic.send({ ...several, counts }, 5_000);
  const [long, joined] = sent().map(({ Subject }) => Subject);
  expect(long).toMatch(/^Usher: over: held at x+$/);
  expect(long).toHaveLength(99);
  expect(joined).toBe("Usher: 7 new, 7 over");
});

test("what the topic refuses, or does not answer in time, is not taken", async () => {
  const refusing = await given(() => ({
    status: 403,
    body: "<ErrorResponse><Error><Code>AuthorizationError</Code></Error></ErrorResponse>",
  }));
  await expect(refusing.topic.send(notice, 5_000)).rejects.toThrow();
  const silent = await given(() => undefined);
  const began = performance.now();
  await expect(silent.topic.send(notice, 200)).rejects.toThrow();
  expect(performance.now() - began).toBeLessThan(2_000);
});
