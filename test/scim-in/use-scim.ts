import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll } from "vitest";
import { type EmbeddedRun, startEmbeddedRun } from "../../infra/local/embedded-run.ts";

// biome-ignore lint/suspicious/noExplicitAny: answers are read property by property.
type Json = any;
export type Answered = { status: number; headers: Headers; text: string; body: Json };
export type Sending = { body?: unknown; headers?: Record<string, string>; token?: string | null };

/** A source, with its own way to SCIM in. */
export type SourceAt = {
  sourceId: string;
  token: string;
  scim(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answered>;
};

/** A running Usher for all tests of a file, over HTTP, as identity providers and admins call it. */
export const useScim = () => {
  const dataDir = mkdtempSync(join(tmpdir(), "usher-scim-"));
  let run: EmbeddedRun;
  beforeAll(async () => {
    run = await startEmbeddedRun({ port: 0, dataDir });
  });
  afterAll(async () => {
    await run?.close();
    rmSync(dataDir, { recursive: true, force: true });
  });
  const send = async (method: string, path: string, { body, headers, token }: Sending): Promise<Answered> => {
    const response = await fetch(run.url + path, {
      method,
      headers: {
        ...(token !== null && { authorization: `Bearer ${token ?? run.token}` }),
        ...(body !== undefined && { "content-type": "application/scim+json" }),
        ...headers,
      },
      ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      text,
      body: text === "" ? {} : JSON.parse(text),
    };
  };
  const call = (method: string, path: string, body?: unknown) =>
    send(method, path, { body, headers: { "content-type": "application/json" } });
  return {
    url: () => run.url,
    send,
    call,
    newSource: async (more: object = {}): Promise<SourceAt> => {
      const { body } = await call("POST", "/sources", {
        name: "An identity provider",
        kind: "generic",
        ...more,
      });
      const { sourceId, token } = body;
      return {
        sourceId,
        token,
        scim: (method, path, sent, headers) =>
          send(method, `/scim/v2${path}`, { token, body: sent, ...(headers && { headers }) }),
      };
    },
    eventsOf: async (query: string): Promise<Json[]> => (await call("GET", `/events?${query}`)).body.items,
  };
};

export const patch = (...Operations: object[]) => ({
  schemas: ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
  Operations,
});

export const userUrn = "urn:ietf:params:scim:schemas:core:2.0:User";
export const enterpriseUrn = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
export const groupUrn = "urn:ietf:params:scim:schemas:core:2.0:Group";

let made = 0;
/** A user as a provider would send one, whom no other test has. */
export const aUser = (more: object = {}) => {
  made += 1;
  const userName = `person${made}.${process.hrtime.bigint().toString(36)}@example.com`;
  return {
    schemas: [userUrn],
    userName,
    name: { givenName: "Ada", familyName: `Lovelace ${made}` },
    emails: [{ value: userName, type: "work", primary: true }],
    active: true,
    ...more,
  };
};
