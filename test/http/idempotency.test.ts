import { createHash } from "node:crypto";
import { expect, test, vi } from "vitest";
import * as z from "zod";
import { defineEndpoint } from "../../shared/http/endpoint.ts";
import type { IdempotencyStore, KeptAnswer } from "../../shared/http/idempotency-port.ts";
import { lambda } from "../../shared/http/lambda.ts";
import { Failure } from "../../shared/model/failure.ts";
import { collectLog } from "../support/log-lines.ts";
import { bodyOf, call, type EventParts, posted, things } from "./support.ts";

/** Keeps requests in memory, under the port's rules. */
const memoryStore = (): IdempotencyStore & {
  kept: Map<string, { bodyHash: string; answer?: KeptAnswer }>;
} => {
  const kept = new Map<string, { bodyHash: string; answer?: KeptAnswer }>();
  return {
    kept,
    begin: async ({ key, bodyHash }) => {
      const found = kept.get(key);
      if (!found) {
        kept.set(key, { bodyHash });
        return { state: "new" };
      }
      if (found.bodyHash !== bodyHash) return { state: "mismatch" };
      return found.answer ? { state: "done", answer: found.answer } : { state: "running" };
    },
    finish: async (key, answer) => {
      kept.set(key, { bodyHash: kept.get(key)?.bodyHash ?? "", answer });
    },
    release: async (key) => {
      kept.delete(key);
    },
  };
};

const prepare = (
  answer: () => { status: number; body?: unknown } = () => ({ status: 201, body: { n: 1 } }),
) => {
  const store = memoryStore();
  const handle = vi.fn(async () => ({ headers: { location: "/things/1" }, ...answer() }));
  const endpoint = defineEndpoint({ ...things, body: z.object({ name: z.string() }), handle });
  const hashBody = async (text: string) => createHash("sha256").update(`key${text}`).digest("hex");
  const handler = lambda(endpoint, { idempotency: () => ({ store, hashBody, now: () => 0 }) });
  const send = (key: string, parts: EventParts = {}, name = "x") =>
    call(handler, posted({ name }, { ...parts, headers: { "idempotency-key": key, ...parts.headers } }));
  return { store, handle, send, handler };
};

test("the same request is done once, and answered the same with a mark", async () => {
  const { handle, send } = prepare();
  const first = await send("k1");
  const second = await send("k1", { headers: { "x-correlation-id": "second" } });
  expect(handle).toHaveBeenCalledOnce();
  expect(second.statusCode).toBe(201);
  expect(second.body).toBe(first.body);
  expect(second.headers).toMatchObject({
    location: "/things/1",
    "idempotent-replayed": "true",
    "x-correlation-id": "second",
  });
  expect(first.headers).not.toHaveProperty("idempotent-replayed");
});

test("another body, or another query, under the same key: 422", async () => {
  const { send } = prepare();
  await send("k1");
  for (const result of [await send("k1", {}, "y"), await send("k1", { query: "confirm=3" })]) {
    expect(`${result.statusCode} ${bodyOf(result).code}`).toBe("422 idempotency-key-reused");
  }
});

test("other callers, other paths and other keys do not meet", async () => {
  const { handle, send } = prepare();
  await send("k1");
  await send("k2");
  await send("k1", { path: "/things/2/reauth" });
  await send("k1", { authorizer: { lambda: { principalId: "local-provisioner", role: "provision" } } });
  expect(handle).toHaveBeenCalledTimes(4);
});

test("neither key nor body is kept in the clear", async () => {
  const { store, send } = prepare();
  await send("a-very-telling-key", {}, "s3cret");
  expect(JSON.stringify([...store.kept])).not.toMatch(/a-very-telling-key|s3cret/);
});

test("while the first is under way: 409 with Retry-After", async () => {
  const gate = Promise.withResolvers<void>();
  const { handle, send } = prepare();
  handle.mockImplementationOnce(async () => {
    await gate.promise;
    return { status: 201, body: {}, headers: { location: "" } };
  });
  const first = send("k1");
  await vi.waitFor(() => expect(handle).toHaveBeenCalled());
  const second = await send("k1");
  expect(`${second.statusCode} ${bodyOf(second).code}`).toBe("409 attempt-in-progress");
  expect(second.headers?.["retry-after"]).toBeDefined();
  gate.resolve();
  expect((await first).statusCode).toBe(201);
});

test.each([
  [
    "a failure",
    () => {
      throw new Failure("provider-unavailable", "down");
    },
    503,
  ],
  ["a 202 that goes on", () => ({ status: 202, body: {}, headers: { "retry-after": "2" } }), 202],
])("%s lets the key go", async (_, answer, status) => {
  const { store, handle, send } = prepare(answer);
  expect((await send("k1")).statusCode).toBe(status);
  expect(store.kept.size).toBe(0);
  await send("k1");
  expect(handle).toHaveBeenCalledTimes(2);
});

test("a 202 that names the job it has begun is given again, and another body under its key is refused", async () => {
  const { handle, send } = prepare(() => ({ status: 202, body: { jobId: "j1" } }));
  const first = await send("k1");
  const again = await send("k1");
  expect(again).toMatchObject({ statusCode: 202, body: first.body });
  expect(again.headers).toMatchObject({ location: "/things/1", "idempotent-replayed": "true" });
  expect(handle).toHaveBeenCalledTimes(1);
  const other = await send("k1", {}, "y");
  expect(bodyOf(other).code).toBe("idempotency-key-reused");
});

test("invalid input lets the key go", async () => {
  const { store, handler } = prepare();
  const result = await call(handler, posted({}, { headers: { "idempotency-key": "k1" } }));
  expect(result.statusCode).toBe(400);
  expect(store.kept.size).toBe(0);
});

test.each(["", "a b", "ä", "x".repeat(257)])("key %j: 400", async (key) => {
  const { handle, send } = prepare();
  const result = await send(key);
  expect(bodyOf(result)).toMatchObject({
    code: "invalid-input",
    errors: [{ path: "header.idempotency-key" }],
  });
  expect(handle).not.toHaveBeenCalled();
});

test("what is done stays answered when the answer cannot be kept", async () => {
  const log = collectLog();
  const { store, send } = prepare();
  store.finish = async () => {
    throw new Failure("store-unavailable", "down");
  };
  expect((await send("k1")).statusCode).toBe(201);
  expect(log.lines()).toHaveLength(1);
});
