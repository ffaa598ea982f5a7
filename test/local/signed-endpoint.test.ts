import { createHash, createHmac } from "node:crypto";
import { statSync } from "node:fs";
import { connect } from "node:net";
import { crc32 } from "node:zlib";
import { DynamoDBClient, ListTablesCommand } from "@aws-sdk/client-dynamodb";
import { expect, onTestFinished, test } from "vitest";
import { makeOrReadRunKeys } from "../../infra/local/signing/run-keys.ts";
import { startSignedEndpoint } from "../../infra/local/signing/signed-endpoint.ts";
import { readSignatureClaim, signatureMatches } from "../../infra/local/signing/sigv4.ts";
import { dataFolder, sendRaw } from "./steps.ts";

const keys = {
  accessKeyId: "LOCLABCDEFGHIJKLMNOP",
  secretAccessKey: "abcdefghijklmnopqrstuvwxyz0123456789ABCD",
};

async function givenEndpoint(options: { now?: () => number; maxBodyBytes?: number } = {}) {
  const handled: { target: string; input: object }[] = [];
  const errors: unknown[] = [];
  const endpoint = await startSignedEndpoint({
    service: "dynamodb",
    contentType: "application/x-amz-json-1.0",
    keys,
    onError: (error) => errors.push(error),
    handle: async (target, input) => {
      handled.push({ target, input });
      if (input.Limit === 99) throw new Error("inner words");
      return { TableNames: ["one"] };
    },
    ...options,
  });
  onTestFinished(() => endpoint.close());
  return { ...endpoint, handled, errors };
}

function clientOf(url: string, credentials = keys, systemClockOffset = 0): DynamoDBClient {
  const client = new DynamoDBClient({
    endpoint: url,
    region: "us-east-1",
    credentials: { ...credentials },
    maxAttempts: 1,
    systemClockOffset,
  });
  onTestFinished(() => client.destroy());
  return client;
}

/** Signs by hand, so that a test can sign what no SDK would. */
function signed(url: string, body: string, change: { host?: string; names?: string; date?: string } = {}) {
  const host = change.host ?? new URL(url).host;
  const date = change.date ?? new Date().toISOString().replace(/[-:]|\.\d+/g, "");
  const names = change.names ?? "host;x-amz-date";
  const headers: Record<string, string> = { host, "x-amz-date": date };
  const canonical = names.split(";").map((name) => `${name}:${headers[name]}\n`);
  const hash = (text: string) => createHash("sha256").update(text).digest("hex");
  const mac = (key: string | Buffer, text: string) => createHmac("sha256", key).update(text).digest();
  const scope = [date.slice(0, 8), "us-east-1", "dynamodb", "aws4_request"];
  const canonicalRequest = ["POST", "/", "", canonical.join(""), names, hash(body)].join("\n");
  const toSign = ["AWS4-HMAC-SHA256", date, scope.join("/"), hash(canonicalRequest)].join("\n");
  const key = scope.reduce<string | Buffer>(
    (derived, part) => mac(derived, part),
    `AWS4${keys.secretAccessKey}`,
  );
  const credential = `${keys.accessKeyId}/${scope.join("/")}`;
  const signature = mac(key, toSign).toString("hex");
  const authorization = `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=${names}, Signature=${signature}`;
  return { ...headers, "x-amz-target": "DynamoDB_20120810.ListTables", authorization };
}

test("given the run's keys, when the SDK sends a request, then it is handled once with its operation and input", async () => {
  const { url, handled } = await givenEndpoint();
  const output = await clientOf(url).send(new ListTablesCommand({ Limit: 5 }));
  expect(output.TableNames).toEqual(["one"]);
  expect(handled).toEqual([{ target: "DynamoDB_20120810.ListTables", input: { Limit: 5 } }]);
});

test("given an endpoint, when it is called as localhost, then the request is accepted", async () => {
  const { url } = await givenEndpoint();
  const client = clientOf(url.replace("127.0.0.1", "localhost"));
  expect((await client.send(new ListTablesCommand({}))).TableNames).toEqual(["one"]);
});

test("given a request that botocore has signed, when it is verified, then its signature matches its body alone", () => {
  const headers = {
    host: "127.0.0.1:8000",
    "x-amz-target": "DynamoDB_20120810.DescribeTable",
    "content-type": "application/x-amz-json-1.0",
    "x-amz-date": "20260102T030405Z",
    authorization:
      "AWS4-HMAC-SHA256 Credential=LOCLABCDEFGHIJKLMNOP/20260102/eu-west-1/dynamodb/aws4_request, SignedHeaders=content-type;host;x-amz-date;x-amz-target, Signature=70cb81f2ea546c7ddb6fad1a382667c6a63e170b76014fac676419842aa9f4b2",
  };
  const claim = readSignatureClaim(headers);
  expect(claim).toMatchObject({ region: "eu-west-1", service: "dynamodb", accessKeyId: keys.accessKeyId });
  const verify = (body: string) =>
    claim && signatureMatches(claim, keys.secretAccessKey, headers, Buffer.from(body));
  expect(verify('{"TableName": "café"}')).toBe(true);
  expect(verify('{"TableName": "cafe"}')).toBe(false);
});

test("given a handled request, when it is answered, then the checksum is the body's and no CORS header is there", async () => {
  const { url } = await givenEndpoint();
  const answer = await sendRaw(url, { headers: { ...signed(url, "{}"), origin: "http://evil.example" } });
  expect(answer.status).toBe(200);
  expect(answer.headers["content-type"]).toBe("application/x-amz-json-1.0");
  expect(answer.headers["x-amz-crc32"]).toBe(String(crc32(answer.body)));
  expect(Object.keys(answer.headers).filter((name) => name.startsWith("access-control"))).toEqual([]);
});

test("given no signature, when a request comes, then it is refused with 403 and not handled", async () => {
  const { url, handled } = await givenEndpoint();
  const answer = await sendRaw(url, { headers: { "x-amz-target": "DynamoDB_20120810.ListTables" } });
  expect(answer.status).toBe(403);
  expect(JSON.parse(answer.body).__type).toMatch(/#UnrecognizedClientException$/);
  expect(handled).toEqual([]);
});

test("given other access keys, when the SDK sends a request, then it is refused as an unknown client", async () => {
  const { url, handled } = await givenEndpoint();
  const client = clientOf(url, { ...keys, accessKeyId: "LOCLAAAAAAAAAAAAAAAA" });
  await expect(client.send(new ListTablesCommand({}))).rejects.toMatchObject({
    name: "UnrecognizedClientException",
    $metadata: { httpStatusCode: 403 },
  });
  expect(handled).toEqual([]);
});

test("given a wrong secret key, when the SDK sends a request, then the signature is refused", async () => {
  const { url, handled } = await givenEndpoint();
  const client = clientOf(url, { ...keys, secretAccessKey: "x".repeat(40) });
  await expect(client.send(new ListTablesCommand({}))).rejects.toMatchObject({
    name: "InvalidSignatureException",
    $metadata: { httpStatusCode: 403 },
  });
  expect(handled).toEqual([]);
});

test.each([
  ["another body", (url: string) => signed(url, '{"Limit":1}')],
  [
    "a changed date",
    (url: string) => ({
      ...signed(url, "{}"),
      "x-amz-date": new Date()
        .toISOString()
        .replace(/[-:]|\.\d+/g, "")
        .replace(/..Z$/, "61Z"),
    }),
  ],
  ["a signature that leaves the host out", (url: string) => signed(url, "{}", { names: "x-amz-date" })],
  ["a signature that leaves the date out", (url: string) => signed(url, "{}", { names: "host" })],
  ["a date that is none", (url: string) => signed(url, "{}", { date: "20269999T999999Z" })],
  [
    "a stated body hash that is not the body's",
    (url: string) => ({ ...signed(url, "{}"), "x-amz-content-sha256": "UNSIGNED-PAYLOAD" }),
  ],
])(
  "given a request with %s, when it comes, then it is refused with 403 and not handled",
  async (_name, headersFor) => {
    const { url, handled } = await givenEndpoint();
    expect((await sendRaw(url, { headers: signed(url, "{}") })).status).toBe(200);
    expect((await sendRaw(url, { headers: headersFor(url) })).status).toBe(403);
    expect(handled).toHaveLength(1);
  },
);

test("given a signature for another service, when the request comes, then it is refused", async () => {
  const { url } = await givenEndpoint();
  const headers = signed(url, "{}");
  headers.authorization = headers.authorization.replace("/dynamodb/", "/secretsmanager/");
  const answer = await sendRaw(url, { headers });
  expect(answer.status).toBe(403);
  expect(JSON.parse(answer.body).message).toContain("scoped to correct service");
});

test.each([
  [-16, 403],
  [-14, 200],
  [14, 200],
  [16, 403],
])(
  "given a clock %i minutes from the request's date, when the request comes, then the answer is %i",
  async (minutes, status) => {
    const { url } = await givenEndpoint({ now: () => Date.now() + minutes * 60_000 });
    expect((await sendRaw(url, { headers: signed(url, "{}") })).status).toBe(status);
  },
);

test("given a foreign Host header, when a request signed for it comes, then it is refused", async () => {
  const { url, handled } = await givenEndpoint();
  for (const host of ["evil.example", `evil.example:${new URL(url).port}`, "127.0.0.1:1", "localhost"]) {
    expect((await sendRaw(url, { headers: signed(url, "{}", { host }) })).status).toBe(403);
  }
  expect(handled).toEqual([]);
});

test("given an endpoint, when a browser asks by OPTIONS or GET, then it gets 405 and no CORS header", async () => {
  const { url } = await givenEndpoint();
  for (const method of ["OPTIONS", "GET"]) {
    const headers = { origin: "http://evil.example", "access-control-request-method": "POST" };
    const answer = await sendRaw(url, { method, headers, body: "" });
    expect(answer.status).toBe(405);
    expect(JSON.stringify(answer.headers)).not.toContain("access-control");
  }
});

test("given an endpoint, when another path is called, then it gets 404", async () => {
  const { url } = await givenEndpoint();
  expect((await sendRaw(url, { path: "/other", headers: signed(url, "{}") })).status).toBe(404);
});

test("given a body over the limit, when it comes with or without a length, then it is 413 and the endpoint goes on", async () => {
  const { url, handled } = await givenEndpoint({ maxBodyBytes: 1000 });
  const body = `{"a":"${"x".repeat(1_000_000)}"}`;
  const headers = signed(url, body);
  expect(
    (await sendRaw(url, { headers: { ...headers, "content-length": String(body.length) }, body })).status,
  ).toBe(413);
  expect((await sendRaw(url, { headers: { ...headers, "transfer-encoding": "chunked" }, body })).status).toBe(
    413,
  );
  expect((await sendRaw(url, { headers: signed(url, "{}") })).status).toBe(200);
  expect(handled).toHaveLength(1);
});

test.each(["", "not json", "[]", "null", '"text"', '{"a":'])(
  "given the signed body %j, when it comes, then it is a SerializationException",
  async (body) => {
    const { url, handled } = await givenEndpoint();
    const answer = await sendRaw(url, { headers: signed(url, body), body });
    expect(answer.status).toBe(400);
    expect(JSON.parse(answer.body).__type).toMatch(/#SerializationException$/);
    expect(handled).toEqual([]);
  },
);

test("given an operation that fails inside, when it is called, then the answer is 500 without the inner words", async () => {
  const { url, errors } = await givenEndpoint();
  const answer = await sendRaw(url, { headers: signed(url, '{"Limit":99}'), body: '{"Limit":99}' });
  expect(answer.status).toBe(500);
  expect(answer.body).not.toContain("inner words");
  expect(errors).toEqual([new Error("inner words")]);
});

test("given requests aborted half-way and bytes that are no HTTP, when they are gone, then the endpoint answers", async () => {
  const { url } = await givenEndpoint();
  const { port, host } = new URL(url);
  const head = Object.entries(signed(url, "{}")).map(([name, value]) => `${name}: ${value}\r\n`);
  const starts = [
    "\0\0\0 garbage\r\n\r\n",
    "POST / HTT",
    `POST / HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 100\r\n\r\n{`,
    `POST / HTTP/1.1\r\n${head.join("")}content-length: 2\r\n\r\n{`,
    `POST / HTTP/1.1\r\n${head.join("")}transfer-encoding: chunked\r\n\r\nzz\r\n`,
  ];
  for (const start of starts) {
    await new Promise<void>((resolve) => {
      const socket = connect(Number(port), "127.0.0.1", () => {
        socket.write(start, () => socket.resetAndDestroy());
      });
      socket.on("error", () => {});
      socket.on("close", () => resolve());
    });
  }
  expect((await sendRaw(url, { headers: signed(url, "{}") })).status).toBe(200);
});

test("given an endpoint, when its address is looked at, then it listens on 127.0.0.1 alone", async () => {
  const { url } = await givenEndpoint();
  expect(new URL(url).hostname).toBe("127.0.0.1");
  const reached = await new Promise((resolve) => {
    // 127.0.0.2 is this machine as well, and answered by whatever listens on all interfaces.
    const socket = connect({ port: Number(new URL(url).port), host: "127.0.0.2", timeout: 1000 });
    socket.on("connect", () => resolve(true));
    socket.on("error", () => resolve(false));
    socket.on("timeout", () => resolve(false));
    onTestFinished(() => void socket.destroy());
  });
  expect(reached).toBe(false);
});

test("given a new data folder, when its keys are asked for twice, then they are the same, random and private", () => {
  const folder = dataFolder();
  const first = makeOrReadRunKeys(folder);
  expect(first.accessKeyId).toMatch(/^[A-Z2-7]{20}$/);
  expect(first.secretAccessKey).toMatch(/^[A-Za-z0-9]{40}$/);
  expect(makeOrReadRunKeys(folder)).toEqual(first);
  expect(makeOrReadRunKeys(dataFolder()).secretAccessKey).not.toBe(first.secretAccessKey);
  if (process.platform !== "win32") expect(statSync(first.path).mode & 0o777).toBe(0o600);
});
