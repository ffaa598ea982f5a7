import { Agent } from "node:http";
import { startChild } from "./child.ts";
import type { Operation } from "./observe-store.ts";
import { type Answer, send } from "./stage.ts";

/** Whoever pushes by SCIM: users and groups of one source. */
export type Feed = { sourceId: string; token: string };
export type ScimStage = Awaited<ReturnType<typeof startScimStage>>;

/** The embedded run over a data folder, in a process of its own, without any integration: nothing is provisioned. */
export const startScimStage = async (dataDir: string) => {
  const usher = await startChild<{ url: string; token: string }>("./usher-child.ts", [dataDir]);
  const { url, token } = usher.ready;
  const agent = new Agent({ keepAlive: true, maxSockets: 64, scheduling: "lifo" });
  const scim = (feed: Pick<Feed, "token">, method: string, path: string, body?: unknown): Promise<Answer> =>
    send(agent, {
      method,
      url: `${url}/scim/v2${path}`,
      token: feed.token,
      type: "application/scim+json",
      body,
    });
  return {
    dataDir,
    scim,
    makeFeed: async (): Promise<Feed> => {
      const body = { name: "Bench", kind: "generic" };
      const made = await send(agent, {
        method: "POST",
        url: `${url}/sources`,
        token,
        type: "application/json",
        body,
      });
      return { sourceId: String(made.body.sourceId), token: String(made.body.token) };
    },
    metrics: async (): Promise<string> => {
      const answer = await fetch(`${url}/metrics`, { headers: { authorization: `Bearer ${token}` } });
      return answer.text();
    },
    /** All that was read and written while `work` was under way; slower, so never in a measurement of time. */
    observe: async (work: () => Promise<unknown>): Promise<Operation[]> => {
      await usher.ask("observe");
      await work();
      return usher.ask<Operation[]>("operations");
    },
    cpuMs: usher.cpuMs,
    peakBytes: () => usher.ask<number>("peak"),
    close: async (): Promise<number> => {
      agent.destroy();
      return usher.stop();
    },
  };
};

/** A user as an identity provider sends one. */
export const scimPerson = (name: string) => ({
  schemas: ["urn:ietf:params:scim:schemas:core:2.0:User"],
  userName: `${name}@example.com`,
  externalId: `external-${name}`,
  name: { givenName: "Ada", familyName: "Lovelace" },
  displayName: "Ada Lovelace",
  emails: [{ value: `${name}@example.com`, type: "work", primary: true }],
  title: "Engineer",
  active: true,
});

export const patchOf = (...Operations: object[]) => ({
  schemas: ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
  Operations,
});
