import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { holdLock } from "../local/data-file/folder-lock.ts";
import { readOrMakeToken } from "../local/front/token.ts";
import sample from "./accounts.json" with { type: "json" };
import { openKeptResources } from "./kept-resources.ts";
import { createScimServer } from "./scim-server.ts";
import { createScimStore, type KeptResources, saveGroup, saveUser } from "./scim-store.ts";

export type Sandbox = { baseUrl: string; tokenPath: string; close(): Promise<void> };

/**
 * A service provider to try Usher with: a SCIM 2.0 server on 127.0.0.1 that begins with the accounts and groups of
 * `accounts.json`. It keeps its state and its token in `<dataDir>/provider`, beside the data of the Usher that knows
 * these accounts: they outlive a restart together, and go together when the folder is deleted.
 *
 * @param options `port` 0 takes any
 * @throws Error "data folder … is in use by another run", or the listen error
 */
export const startSandbox = async (options: { dataDir: string; port: number }): Promise<Sandbox> => {
  const folder = join(options.dataDir, "provider");
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const letGo = holdLock(join(folder, "lock.sqlite"), options.dataDir);
  const kept = openKeptResources(join(folder, "resources.sqlite"), addSample);
  const end = () => {
    kept.close();
    letGo();
  };
  try {
    const tokenPath = join(folder, "token");
    const token = readOrMakeToken(tokenPath);
    const server = await createScimServer({ token, kept }).listen(options.port);
    return {
      baseUrl: server.baseUrl,
      tokenPath,
      close: () => server.close().finally(end),
    };
  } catch (error) {
    end();
    throw error;
  }
};

const addSample = (kept: KeptResources): void => {
  const store = createScimStore(() => undefined, kept);
  const ids = new Map<string, string>();
  for (const { userName, givenName, familyName, title, ...rest } of sample.users) {
    const user = saveUser(store, undefined, {
      ...rest,
      userName,
      name: { givenName, familyName },
      displayName: `${givenName} ${familyName}`,
      emails: [{ value: userName, type: "work", primary: true }],
      title,
    });
    ids.set(userName, user.id);
  }
  for (const { displayName, members } of sample.groups) {
    saveGroup(store, undefined, { displayName, members: members.map((name) => ({ value: ids.get(name) })) });
  }
};
