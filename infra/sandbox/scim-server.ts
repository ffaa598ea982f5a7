import { randomBytes } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import express, { type Express } from "express";
import SCIMMY from "scimmy";
import { SCIMMYRouters } from "scimmy-routers";
import {
  createScimStore,
  type KeptResources,
  memberIds,
  readGroups,
  readUsers,
  removeGroup,
  removeUser,
  type ScimGroup,
  type ScimStore,
  type ScimUser,
  saveGroup,
  saveUser,
} from "./scim-store.ts";

/** A real SCIM service provider that this project did not write: SCIMMY behind Express. */
export type ScimServer = {
  app: Express;
  /** Where the app serves SCIM: `/scim/v2`. */
  basePath: string;
  /** The token asked for now. */
  token(): string;
  setToken(token: string): void;
  /** The provider's own state, read from inside. */
  users(): ScimUser[];
  groups(): ScimGroup[];
  /** Serves the app on 127.0.0.1, on any free port unless one is given. */
  listen(port?: number): Promise<{ baseUrl: string; close(): Promise<void> }>;
};

type ScimServerOptions = {
  /** Random when absent. */
  token?: string | undefined;
  /** The reason to refuse a user (400 invalidValue), or undefined to take it. */
  refuseUser?: ((user: Record<string, unknown>) => string | undefined) | undefined;
  /** Where users and groups are kept; in memory when absent. */
  kept?: KeptResources | undefined;
};

const BASE_PATH = "/scim/v2";

/**
 * Builds the app and its store. SCIMMY keeps resource types, their handlers and its configuration once per
 * process. The handlers are therefore declared once and get the store of the server that was called through
 * SCIMMY's request context, so several servers may run side by side. What they do share: schemas,
 * configuration, and the path in `meta.location`, which each request sets and every server here has alike.
 */
export function createScimServer(options: ScimServerOptions = {}): ScimServer {
  declareResources();
  let token = options.token ?? randomBytes(24).toString("base64url");
  const store = createScimStore(options.refuseUser ?? (() => undefined), options.kept);

  const app = express();
  app.disable("x-powered-by");
  app.set("query parser", parseQuery);
  app.use(
    BASE_PATH,
    new SCIMMYRouters({
      type: "bearer",
      handler: (request) => {
        if (request.header("authorization") !== `Bearer ${token}`) throw new Error("The token is not valid");
        // The token stands for no user: `/Me` is not meant to be used here.
        return "";
      },
      context: () => store,
    }),
  );

  return {
    app,
    basePath: BASE_PATH,
    token: () => token,
    setToken(next) {
      token = next;
    },
    users: () =>
      readUsers(store).map((user) => ({
        id: user.id,
        userName: String(user.userName),
        active: user.active === true,
        // As a GET would show it: dates as text, nothing undefined.
        resource: JSON.parse(JSON.stringify(user)),
      })),
    groups: () =>
      readGroups(store).map((group) => ({
        id: group.id,
        displayName: String(group.displayName),
        members: memberIds(group),
      })),
    listen: (port = 0) => listen(app, port),
  };
}

let declared = false;

function declareResources(): void {
  if (declared) return;
  declared = true;
  SCIMMY.Resources.declare(SCIMMY.Resources.User.extend(SCIMMY.Schemas.EnterpriseUser, false))
    .ingress((resource, data, store: ScimStore) => saveUser(store, resource.id, { ...data }))
    .egress((resource, store: ScimStore) => found(resource, readUsers(store, resource.id)))
    .degress((resource, store: ScimStore) => removeUser(store, String(resource.id)));
  SCIMMY.Resources.declare(SCIMMY.Resources.Group)
    .ingress((resource, data, store: ScimStore) => saveGroup(store, resource.id, { ...data }))
    .egress((resource, store: ScimStore) => found(resource, readGroups(store, resource.id)))
    .degress((resource, store: ScimStore) => removeGroup(store, String(resource.id)));
}

/**
 * SCIMMY's router turns `count` and `startIndex` into numbers by changing `request.query`, which Express 5
 * parses anew at each look: without this every list would be its first 20 entries.
 */
function parseQuery(text: string | null): Record<string, string | number> {
  const query: Record<string, string | number> = {};
  for (const [name, value] of new URLSearchParams(text ?? "")) {
    query[name] = /^(count|startIndex)$/.test(name) && /^-?\d+$/.test(value) ? Number(value) : value;
  }
  return query;
}

/** SCIMMY parses the filter and leaves it to the handler to apply it; sorting and paging it does itself. */
function found<T>(resource: { id?: string; filter?: { match(values: T[]): T[] } }, all: T[]): T[] {
  return resource.id === undefined && resource.filter !== undefined ? resource.filter.match(all) : all;
}

async function listen(app: Express, port: number): Promise<{ baseUrl: string; close(): Promise<void> }> {
  const server = createServer(app);
  await new Promise<void>((done, fail) => {
    server.once("error", fail);
    server.listen(port, "127.0.0.1", done);
  });
  return {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}${BASE_PATH}`,
    async close() {
      const closed = new Promise<void>((done) => server.close(() => done()));
      server.closeAllConnections();
      await closed;
    },
  };
}
