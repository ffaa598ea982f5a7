import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { CloudFormationCustomResourceEvent } from "aws-lambda";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { answerCustomResource } from "../../shared/aws/adoption/custom-resource.ts";

type Received = { method: string | undefined; type: string | undefined; body: Record<string, unknown> };
const received: Received[] = [];
let status = 200;
const server = createServer(async (request, response) => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const body = JSON.parse(Buffer.concat(chunks).toString());
  received.push({ method: request.method, type: request.headers["content-type"], body });
  response.writeHead(status).end();
});
let url = "";
beforeAll(async () => {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/answer`;
});
afterAll(() => server.close());
beforeEach(() => {
  received.length = 0;
  status = 200;
});

const event = (more: object = {}) =>
  ({
    StackId: "stack",
    RequestId: "request",
    LogicalResourceId: "StateTableInUse",
    ResponseURL: url,
    ...more,
  }) as unknown as CloudFormationCustomResourceEvent;
const answer = (work: () => Promise<{ id: string; data?: Record<string, string> }>, more?: object) =>
  answerCustomResource(event(more), "adopt-table", work, 0);

test("a success is told with its id and what the template reads of it", async () => {
  await answer(async () => ({ id: "usher-restored", data: { TableName: "usher-restored" } }));
  expect(received).toEqual([
    {
      method: "PUT",
      type: "",
      body: {
        StackId: "stack",
        RequestId: "request",
        LogicalResourceId: "StateTableInUse",
        Status: "SUCCESS",
        PhysicalResourceId: "usher-restored",
        Data: { TableName: "usher-restored" },
      },
    },
  ]);
});

test("a refusal is told with its words, under the id that the resource had", async () => {
  const refusal = async () => Promise.reject(new Error("There is no table usher-restored. ".repeat(200)));
  await answer(refusal, { PhysicalResourceId: "usher-before" });
  await answer(refusal);
  expect(received.map(({ body }) => [body.Status, body.PhysicalResourceId])).toEqual([
    ["FAILED", "usher-before"],
    ["FAILED", "StateTableInUse"],
  ]);
  const [{ body }] = received as [Received];
  expect(body.Reason).toMatch(/^There is no table usher-restored/);
  expect(JSON.stringify(body).length).toBeLessThan(4096);
});

test("a right that was granted a moment ago is waited for, also where a store hides the refusal; for a while", async () => {
  let tries = 0;
  const denied = Object.assign(new Error("not authorized"), { name: "AccessDeniedException" });
  await answer(async () => {
    tries += 1;
    if (tries === 1) throw denied;
    if (tries === 2) throw new Error("The table did not answer.", { cause: denied });
    return { id: "usher-restored" };
  });
  expect(received[0]?.body.Status).toBe("SUCCESS");
  let others = 0;
  await answer(async () => {
    others += 1;
    throw denied;
  });
  expect([others, received[1]?.body.Status]).toEqual([12, "FAILED"]);
});

test("an answer that is not taken ends the Lambda in an error, so that it is tried again", async () => {
  status = 403;
  await expect(answer(async () => ({ id: "usher-restored" }))).rejects.toThrow(/403/);
});
