/** What the user is told: which folder it is, and what to do. */
export const inUse = (dataDir: string, cause: unknown): Error =>
  new Error(
    `data folder ${dataDir} is in use by another run. End that one first, or set USHER_DATA_DIR to another folder.`,
    { cause },
  );
