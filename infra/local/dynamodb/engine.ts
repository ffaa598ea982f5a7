import { openCommits } from "../data-file/commits.ts";
import { openDataFile } from "../data-file/file.ts";
import { openWalSync } from "../data-file/sync.ts";
import { createTrouble, writeProbe } from "../data-file/trouble.ts";
import { openRows } from "../rows/rows.ts";
import { scrub } from "../rows/scrub.ts";
import { openTables } from "../rows/tables.ts";
import { AwsError } from "../signing/aws-error.ts";
import { prepareDataFile } from "../upgrade/prepare-data-file.ts";
import { expireItems } from "./expiry.ts";
import { checked, checkedFromWire, operationNamed } from "./operations.ts";

export type DynamoDbEngine = {
  /**
   * Carries out one operation of DynamoDB. A write is on the disk when it resolves.
   *
   * @param input as a command of the SDK has it, or as it came over the wire, which is checked more closely
   * @throws AwsError for what DynamoDB would refuse, and InternalServerError where the file cannot be read or written
   */
  call(operation: string, input: object, from: "sdk" | "wire"): Promise<object>;
  /** Deletes the items whose time to live has passed, which else happens each minute. Returns how many. */
  expireItems(): Promise<number>;
  /** What keeps the store from its work; undefined while it works. */
  trouble(): Promise<string | undefined>;
  close(): Promise<void>;
};

/**
 * Opens the tables in `<dataDir>/dynamodb.sqlite` for this process alone, after making the file or moving over what
 * version 0.1 left. Not there: transactions, streams, PartiQL, tags, the parameters that expressions replace. Index
 * reads see every finished write.
 *
 * @param now the clock of time to live, in epoch milliseconds
 * @param limits `maxPages` of 1 KB ends the growth of the file, for tests of a full disk
 * @throws Error "data folder … is in use by another run", or what is damaged or missing and what to do about it
 */
export const openDynamoDb = async (
  dataDir: string,
  now: () => number = Date.now,
  limits: { maxPages?: number } = {},
): Promise<DynamoDbEngine> => {
  await prepareDataFile(dataDir);
  const file = openDataFile(dataDir);
  const { db } = file;
  if (limits.maxPages) db.exec(`PRAGMA max_page_count = ${limits.maxPages}`);
  const trouble = createTrouble(file.path);
  const store = { tables: openTables(db), rows: openRows(db) };
  const commits = openCommits(db);
  const sync = openWalSync(file, commits.commit, (error) => trouble.note(error));

  const guarded = async <T>(work: () => T | Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      throw error instanceof AwsError ? error : trouble.note(error);
    }
  };
  let probing: Promise<string | undefined> | undefined;
  /** One at a time: everybody may ask for the health. */
  const probe = () => {
    const write = async () => {
      commits.flush();
      writeProbe(db);
      await sync.done();
    };
    probing ??= trouble.probe(write).finally(() => {
      probing = undefined;
    });
    return probing;
  };
  let sweeping: Promise<number> = Promise.resolve(0);
  const sweep = () => {
    const one = async () => {
      await probe();
      return guarded(() => expireItems(db, store, now));
    };
    sweeping = sweeping.catch(() => 0).then(one);
    return sweeping;
  };
  const scrubbing = new AbortController();
  scrub(store.tables, store.rows, scrubbing.signal).catch((error: unknown) => {
    if (!scrubbing.signal.aborted) trouble.note(error);
  });
  const timer = setInterval(() => sweep().catch(() => {}), 60_000).unref();

  return {
    call: (name, input, from) =>
      guarded(async () => {
        const { isWrite, run } = operationNamed(name);
        if (isWrite) trouble.refuseWrites();
        const parameters = from === "sdk" ? checked(name, input) : checkedFromWire(name, { ...input });
        if (!isWrite) {
          // What was answered to a reader stays, also after a kill.
          commits.flush();
          return run(store, parameters, db);
        }
        const output = commits.write(() => run(store, parameters, db));
        await sync.done();
        return output;
      }),
    expireItems: sweep,
    trouble: probe,
    async close() {
      clearInterval(timer);
      scrubbing.abort();
      await sweeping.catch(() => {});
      await sync.done().catch(() => {});
      sync.close();
      file.close();
    },
  };
};
