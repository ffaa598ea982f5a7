import { openSecretFile } from "./secret-file.ts";
import type { Secret } from "./secret-versions.ts";

/** All secrets, in the order of their making. */
export type Secrets = Secret[];

export type SecretStore = {
  /** The secrets that exist at this moment. Not to be changed. */
  read: () => Secrets;
  /**
   * Changes a copy of the secrets and returns what `change` returned, once the copy is on disk and has taken
   * the old one's place. Changes run one after the other; one that throws changes nothing.
   */
  update: <T>(change: (secrets: Secrets) => T) => Promise<T>;
  /** Forgets secrets whose recovery window has ended. Without any, nothing is written. */
  removeDeleted: () => Promise<void>;
};

/**
 * Reads the secrets of a data folder into memory.
 *
 * @param now clock in epoch milliseconds, for recovery windows
 */
export function openSecretStore(dataDir: string, now: () => number): SecretStore {
  const file = openSecretFile(dataDir);
  let secrets = (file.read() ?? []) as Secrets;
  let last: Promise<unknown> = Promise.resolve();
  const exists = (secret: Secret) => secret.deletionDate === undefined || secret.deletionDate * 1000 > now();
  const living = (all: Secrets): Secrets => all.filter(exists);

  const update: SecretStore["update"] = (change) => {
    const run = async () => {
      const next = structuredClone(living(secrets));
      const result = change(next);
      await file.write(next);
      secrets = next;
      return result;
    };
    const done = last.then(run);
    last = done.catch(() => {});
    return done;
  };
  return {
    read: () => living(secrets),
    update,
    async removeDeleted() {
      if (!secrets.every(exists)) await update(() => {});
    },
  };
}
