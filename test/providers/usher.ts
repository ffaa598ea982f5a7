import { allPages } from "../../shared/common/all-pages.ts";
import type { Clock } from "../../shared/common/clock.ts";
import type { HttpEvent } from "../../shared/http/invocation.ts";
import { scimErrorAnswer, toScimResult } from "../../shared/http/scim/scim-lambda.ts";
import { serveScimEvent } from "../../shared/http/scim/serve-event.ts";
import { atOnce } from "../../shared/memory/request.ts";
import type { SavedGroup, SavedUser } from "../../shared/model/directory.ts";
import type { SourceInput } from "../../shared/model/source.ts";
import type { Call, Ports } from "../../shared/provisioning/ports/ports.ts";
import { profileOf } from "../../shared/scim/profiles/effective-profile.ts";
import type { Asking } from "../../shared/scim-in/access/asking.ts";
import { showUser } from "../../shared/scim-in/users/show-user.ts";
import { createSource } from "../../shared/sources/create-source.ts";
import { listOwnedGroups, listOwnedUsers } from "../../shared/sources/list-owned.ts";
import { anEvent } from "../http/support.ts";
import { emptyMemory, openStores } from "../memory/memory.ts";
import type { InnerProvider, ProviderAnswer, ProviderRequest } from "./front.ts";

const baseUrl = "https://usher.example.com/scim/v2";
/** No request of a test takes so long. */
const patienceMs = 25_000;

type Around = Pick<Clock, "now" | "sleep"> & { newId(nowMs: number): string; token: string };

/** Another Usher as a service provider: its SCIM in over stores in memory, with what its directory has come to. */
export type UsherProvider = InnerProvider & {
  ports: Ports;
  sourceId: string;
  savedUsers(): Promise<SavedUser[]>;
  savedGroups(): Promise<SavedGroup[]>;
  membersOf(group: SavedGroup): Promise<string[]>;
};

/** `token` has 32 characters or more. */
export const createUsher = async (
  { now, sleep, newId, token }: Around,
  input: Partial<SourceInput> = {},
): Promise<UsherProvider> => {
  const memory = emptyMemory();
  const ports: Ports = {
    ...openStores(memory, atOnce, now),
    openProvider: () => {
      throw new Error("It has no integration.");
    },
    profileOf,
    clock: { now, sleep },
    newId,
    random: () => 0.5,
    wakeUps: { wake: async () => undefined },
    organization: "other",
    eventRetentionDays: 400,
  };
  const { source } = await createSource(
    { ports, call: adminCall },
    { name: "Usher", kind: "generic", onDelete: "delete", linkByEmail: "ownerless", token, ...input },
  );
  const { sourceId } = source;
  const all = async <T>(pages: AsyncIterable<T[]>): Promise<T[]> => {
    const found: T[] = [];
    for await (const page of pages) found.push(...page);
    return found;
  };
  const savedUsers = () => all(allPages((page) => listOwnedUsers(ports, sourceId, page), 1_000));
  const savedGroups = () => all(allPages((page) => listOwnedGroups(ports, sourceId, page), 1_000));
  const membersOf = ({ groupId, version }: SavedGroup) => all(ports.groups.members(groupId, version));
  return {
    ports,
    sourceId,
    savedUsers,
    savedGroups,
    membersOf,
    handle: (request) => answerScim({ ports, now }, scimEvent(request)),
    users: async () =>
      (await savedUsers()).map((saved) => {
        const resource = showUser(baseUrl, saved);
        const { userName, active } = resource as { userName: string; active: boolean };
        return { id: saved.userId, userName, active, resource };
      }),
    groups: async () =>
      Promise.all(
        (await savedGroups()).map(async (saved) => ({
          id: saved.groupId,
          displayName: saved.name,
          members: await membersOf(saved),
        })),
      ),
  };
};

/** A request to SCIM in as the gateway hands it on. */
export const scimEvent = ({
  method,
  url,
  headers,
  body,
}: Pick<ProviderRequest, "method" | "url" | "headers" | "body">): HttpEvent => {
  const [path = "", query = ""] = url.split("?", 2);
  return anEvent({ method, path, query, headers, body, authorizer: null });
};

/** The answer of SCIM in to a request, whatever it throws. */
export const answerScim = async (
  { ports, now }: { ports: Asking["ports"]; now(): number },
  event: HttpEvent,
): Promise<ProviderAnswer> => {
  const serving = { ports, telemetry: { record: () => undefined }, baseUrl };
  const answer = await serveScimEvent(serving, event, now() + patienceMs).catch(scimErrorAnswer);
  const { statusCode = 0, headers = {}, body = "" } = toScimResult(answer);
  const named = Object.entries(headers).map(([name, value]) => [name, String(value)]);
  return { status: statusCode, headers: Object.fromEntries(named), body };
};

const adminCall: Call = {
  actor: {
    initiatedBy: { type: "admin", id: "admin-1" },
    authMethod: "token",
    clientIp: "127.0.0.1",
    userAgent: "test",
    correlation: { id: "set-up", type: "request" },
  },
  sendUntil: Number.POSITIVE_INFINITY,
  answerUntil: Number.POSITIVE_INFINITY,
};
