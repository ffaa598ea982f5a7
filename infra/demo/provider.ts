import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createScimServer, type ScimServer } from "../sandbox/scim-server.ts";

/** The service provider of the demo, with a count of what it was asked. */
export type Provider = Pick<ScimServer, "users" | "groups" | "setToken" | "token"> & {
  baseUrl: string;
  /** Requests so far. */
  requests(): number;
  /** Requests of this method on users or groups that it carried out. */
  carriedOut(method: string, resource: "Users" | "Groups"): number;
  /** While it is down it answers 503 to everything. */
  setDown(isDown: boolean): void;
  /** How many requests it has answered 503. */
  turnedAway(): number;
  /** From now on each answer takes so long. */
  setDelay(ms: number): void;
  /** Accounts that it was asked to change or to delete, by their ids, in the order of the requests. */
  changedAccounts(): string[];
  /**
   * Change something as somebody at the provider's own console would, past Usher: it counts as no request of Usher's.
   * @returns the id of what was made
   */
  byHand(method: "POST" | "PATCH" | "DELETE", path: string, body?: unknown): Promise<string>;
  close(): Promise<void>;
};

/** Marks a request that does not come from Usher. */
const handHeader = "x-by-hand";

/** Why the provider takes no interns; they are what it rejects in the demo. */
export const noInterns = "userType: this tenant takes no interns, ask for a part-time account";

/** Starts the SCIM server that Usher is to fill. It counts outside of SCIMMY, whose router is left as it is. */
export const startProvider = async (token: string): Promise<Provider> => {
  const scim = createScimServer({
    token,
    refuseUser: (user) => (user.userType === "intern" ? noInterns : undefined),
  });
  let requests = 0;
  let isDown = false;
  let turnedAway = 0;
  let delayMs = 0;
  const changed: string[] = [];
  const done = new Map<string, number>();
  const server = createServer((request, response) => {
    if (request.headers[handHeader] !== undefined) {
      scim.app(request, response);
      return;
    }
    requests += 1;
    if (isDown) {
      turnedAway += 1;
      response.writeHead(503).end();
      return;
    }
    const account = /\/Users\/([^/?]+)/.exec(request.url ?? "")?.[1];
    if (account !== undefined && request.method !== "GET") changed.push(account);
    const resource = /\/(Users|Groups)\b/.exec(request.url ?? "")?.[1] ?? "";
    response.once("finish", () => {
      if (response.statusCode >= 300) return;
      const key = `${request.method} ${resource}`;
      done.set(key, (done.get(key) ?? 0) + 1);
    });
    setTimeout(() => scim.app(request, response), delayMs);
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  const { port } = server.address() as AddressInfo;
  const baseUrl = `http://127.0.0.1:${port}${scim.basePath}`;
  return {
    baseUrl,
    users: scim.users,
    groups: scim.groups,
    token: scim.token,
    setToken: scim.setToken,
    requests: () => requests,
    carriedOut: (method, resource) => done.get(`${method} ${resource}`) ?? 0,
    setDown: (down) => {
      isDown = down;
    },
    turnedAway: () => turnedAway,
    setDelay: (ms) => {
      delayMs = ms;
    },
    changedAccounts: () => [...changed],
    async byHand(method, path, body) {
      const answer = await fetch(baseUrl + path, {
        method,
        headers: {
          authorization: `Bearer ${scim.token()}`,
          "content-type": "application/scim+json",
          [handHeader]: "yes",
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      const text = await answer.text();
      if (!answer.ok) throw new Error(`${method} ${path} by hand was answered ${answer.status}`);
      return text === "" ? "" : String((JSON.parse(text) as { id?: unknown }).id ?? "");
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};
