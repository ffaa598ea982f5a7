import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib";
import {
  hasBearer,
  type InnerProvider,
  type ProviderAnswer,
  type ProviderRequest,
  startFront,
} from "../front.ts";
import type { ProviderOptions, TestProvider } from "../provider.ts";
import { errorAnswer, Refusal } from "./errors.ts";
import { route } from "./routes.ts";
import { createStore, newId, type Store } from "./store.ts";
import type { Switches } from "./switches.ts";
import { showUser } from "./users.ts";

export type QuirkyOptions = ProviderOptions & {
  switches?: Switches;
  /** The provider's clock, of its rate limit; the system's where not given. */
  now?: () => number;
};

export type Quirky = TestProvider & {
  /** An account that was there before, made without a request; in no list where `adoptsExisting`. Its id. */
  addUser(resource: Record<string, unknown>): string;
  /** Somebody else deletes it there, without a request. */
  removeUser(id: string): void;
  removeGroup(id: string): void;
  /** Read at each request: a test may change its mind. */
  readonly switches: Switches;
};

/** A provider as a function, without a server: the same answers to the same requests. */
type QuirkyInner = InnerProvider & Pick<Quirky, "addUser" | "removeUser" | "removeGroup">;

/** `token` is asked at each request. `pause`: what a slow change of a group waits for; 3 ms where not given. */
export const createQuirky = (
  switches: Switches,
  { token, now, pause }: { token: () => string; now: () => number; pause?: () => Promise<void> },
): QuirkyInner => {
  const store = createStore(switches, now, pause);
  return {
    async handle(request) {
      try {
        checkToken(request, token(), switches);
        return compressed(await route(store, request), switches);
      } catch (error) {
        if (error instanceof Refusal)
          return compressed(errorAnswer(switches, error, request.headers.authorization ?? ""), switches);
        throw error;
      }
    },
    users: () => usersOf(store),
    groups: () =>
      [...store.groups.values()].map(({ id, displayName, members }) => ({
        id,
        displayName,
        members: [...members],
      })),
    removeUser: (id) => void store.users.delete(id),
    removeGroup: (id) => void store.groups.delete(id),
    addUser: (resource) => {
      const id = newId(store, resource.externalId, String(resource.userName));
      store.users.set(id, {
        id,
        resource: { active: true, ...resource },
        version: 1,
        hidden: switches.adoptsExisting === true,
      });
      return id;
    },
  };
};

/** A real SCIM 2.0 server on loopback that differs from RFC 7644 in the ways that its switches say. */
export const startQuirky = async ({
  switches = {},
  now = Date.now,
  ...options
}: QuirkyOptions = {}): Promise<Quirky> => {
  let own: QuirkyInner | undefined;
  const front = await startFront("/scim/v2", options, ({ token }) => {
    own = createQuirky(switches, { token, now });
    return own;
  });
  if (!own) throw new Error("the front makes its provider before it answers");
  // Not a spread: `token` is a getter and `intercept` is set from outside.
  const { addUser, removeUser, removeGroup } = own;
  return Object.assign(front, { switches, addUser, removeUser, removeGroup });
};

const compressions = { gzip: gzipSync, deflate: deflateSync, br: brotliCompressSync };

const compressed = (answer: ProviderAnswer, { compresses }: Switches): ProviderAnswer =>
  compresses && answer.body !== ""
    ? {
        ...answer,
        headers: { ...answer.headers, "content-encoding": compresses },
        bytes: compressions[compresses](answer.body),
      }
    : answer;

const checkToken = (request: ProviderRequest, token: string, { tokenScheme }: Switches): void => {
  const isRight = tokenScheme
    ? request.headers.authorization === `Token token=${token}`
    : hasBearer(request, token);
  if (!isRight) throw new Refusal(401, "The credentials are not valid.");
};

/** Buried accounts are shown as well, since they are inactive and not gone; hidden ones are nobody's yet. */
const usersOf = (store: Store) =>
  [...store.users.values()]
    .filter(({ hidden }) => !hidden)
    .map((user) => ({
      id: user.id,
      userName: String(user.resource.userName),
      active: user.resource.active !== false,
      resource: structuredClone(showUser(store, user)),
    }));
