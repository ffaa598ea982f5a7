import type { FinishedCall } from "./front/http-front.ts";

/** One line for a call: what was called and what came of it, without ids, names and queries. */
export const lineOf = ({ method, route, status, ms }: FinishedCall): string =>
  `${method.padEnd(6)} ${(route ?? "(no such path)").padEnd(56)} ${status ?? "gone"} ${`${ms} ms`.padStart(9)}`;
