import type { DatabaseSync } from "node:sqlite";
import { AwsError } from "../signing/aws-error.ts";
import { sqliteCode } from "./file.ts";

export type Trouble = {
  /** Takes note of what the store threw, and turns it into what a client sees. */
  note(error: unknown): AwsError;
  /** What keeps the store from writing, and what to do about it; undefined while nothing is known to. */
  current(): string | undefined;
  /** Tries a write, where there is trouble that may have passed; then as `current`. */
  probe(write: () => Promise<unknown>): Promise<string | undefined>;
  /** @throws AwsError where the file is damaged: a further write could make it worse */
  refuseWrites(): void;
};

/** SQLite's codes READONLY, IOERR and CANTOPEN. */
const ofTheDisk = new Set([8, 10, 14]);

type Kind = "full" | "failing" | "damaged";

/**
 * Remembers what goes wrong with the file at `path`, and says it once on the console when it comes and when it goes.
 */
export const createTrouble = (path: string): Trouble => {
  let trouble: { kind: Kind; text: string } | undefined;
  const begin = (kind: Kind, text: string) => {
    if (trouble?.kind !== kind && trouble?.kind !== "damaged") {
      trouble = { kind, text };
      console.error(text);
    }
  };
  const current = () => trouble?.text;
  return {
    current,
    note(error) {
      const code = sqliteCode(error);
      const message = error instanceof Error ? error.message : String(error);
      if (code === 13 || (error as NodeJS.ErrnoException).code === "ENOSPC") {
        begin(
          "full",
          `The disk that holds ${path} is full: nothing can be written. Free space; Usher goes on by itself.`,
        );
      } else if (code === 11 || code === 26) {
        begin(
          "damaged",
          `${path} is damaged: ${message}. Nothing more is written. Stop Usher, keep the data folder, and put back a copy of it.`,
        );
      } else if (ofTheDisk.has(code) || /^E[A-Z0-9]+$/.test((error as NodeJS.ErrnoException).code ?? "")) {
        begin("failing", `${path} cannot be written or read: ${message}. Usher tries again by itself.`);
      } else {
        // A mistake of this code, which says nothing about the file.
        console.error(error);
      }
      return internalError();
    },
    async probe(write) {
      if (!trouble || trouble.kind === "damaged") return current();
      try {
        await write();
        console.error(`${path} takes writes again.`);
        trouble = undefined;
      } catch {
        // Still the same trouble.
      }
      return current();
    },
    refuseWrites() {
      if (trouble?.kind === "damaged") throw internalError();
    },
  };
};

/** More than fits into what the log has taken of the disk already: a small write may succeed while the disk is full. */
const probeBytes = 256 * 1024;

export const writeProbe = (db: DatabaseSync): void => {
  try {
    db.exec(`BEGIN IMMEDIATE; INSERT INTO probe (filler) VALUES (randomblob(${probeBytes})); COMMIT`);
    db.exec("DELETE FROM probe; PRAGMA wal_checkpoint(PASSIVE)");
  } catch (error) {
    if (db.isTransaction) db.exec("ROLLBACK");
    throw error;
  }
};

const internalError = (): AwsError =>
  new AwsError(500, {
    __type: "com.amazon.coral.service#InternalServerError",
    message: "The request could not be carried out.",
  });
