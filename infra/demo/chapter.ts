import { setTimeout as sleep } from "node:timers/promises";
import type { Directory } from "./directory.ts";
import type { Step } from "./progress.ts";
import type { Provider } from "./provider.ts";
import type { SecretWatch } from "./secret-watch.ts";
import type { AnswerBody, Call } from "./usher-client.ts";

/** The provider's tokens: right ones, and wrong ones that must be refused. All of them are secrets. */
export type Tokens = { first: string; rotated: string; wrongAtStart: string; wrongAtReauth: string };

/** What every chapter of the demo works with. */
export type Chapter = {
  step: Step;
  provider: Provider;
  directory: Directory;
  tokens: Tokens;
  secrets: Pick<SecretWatch, "add" | "lookAt">;
  /** How the provider differs from the directory just now. */
  differences(): string[];
  /** Notes a problem and goes on; what makes the rest pointless is thrown instead. */
  check(isRight: boolean, problem: string): void;
};

/** A chapter after the activation. */
export type BoundChapter = Chapter & { integrationId: string };

/** The paths of one integration. */
export const pathsOf = (integrationId: string) => ({
  integration: `/integrations/${integrationId}`,
  user: (userId: string) => `/integrations/${integrationId}/users/${userId}`,
  group: (groupId: string) => `/integrations/${integrationId}/groups/${groupId}`,
  members: (groupId: string) => `/integrations/${integrationId}/groups/${groupId}/members`,
  holds: `/integrations/${integrationId}/holds`,
  hold: (holdId: string) => `/integrations/${integrationId}/holds/${holdId}`,
  syncs: `/integrations/${integrationId}/syncs`,
  sync: (syncId = "") => `/integrations/${integrationId}/syncs/${syncId}`,
  accounts: `/integrations/${integrationId}/import/users`,
  scans: `/integrations/${integrationId}/import/scans`,
  importJobs: `/integrations/${integrationId}/import/jobs`,
  importJob: (jobId = "") => `/integrations/${integrationId}/import/jobs/${jobId}`,
});

/** The longest wait after a failure is a minute at first, and what is due is looked for each ten seconds. */
const patienceMs = 90_000;

/** Waits until it is so, since it comes by itself; how long that took, in ms. @throws Error where it never comes */
export const until = async (what: string, isSo: () => boolean | Promise<boolean>): Promise<number> => {
  const startedAt = performance.now();
  while (!(await isSo())) {
    if (performance.now() - startedAt > patienceMs) throw new Error(`${what} did not come by itself`);
    await sleep(10);
  }
  return Math.round(performance.now() - startedAt);
};

/** Waits until the job at this path has come to `status`, and answers it. @throws Error where it ends otherwise */
export const untilJob = async (call: Call, path: string, status: string): Promise<AnswerBody> => {
  let job: AnswerBody = {};
  await until(`the end of ${path}`, async () => {
    job = await call("GET", path, 200);
    if (job.status === "running") await sleep(50);
    return job.status !== "running";
  });
  if (job.status !== status) throw new Error(`${path} is ${job.status} instead of ${status}`);
  return job;
};

/** Waits until the provider shows what the directory says. */
export const untilEqual = ({ differences }: Chapter): Promise<number> =>
  until("what the directory says", () => differences().length === 0);
