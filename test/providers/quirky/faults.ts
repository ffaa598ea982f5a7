/** What goes wrong with one request, on the way to a provider or back. */
export const faultKinds = [
  /** Applied; then the socket closes without an answer. */
  "reply-lost",
  /** Applied; then 500. */
  "500-after",
  "500-before",
  "503-seconds",
  "503-date",
  "503-bare",
  "429-seconds",
  "429-bare",
  /** The socket closes before the provider sees the request. */
  "reset-before",
  /** Neither applied nor answered: the client's time-out ends it. */
  "hang",
  /** Applied, and never answered. */
  "hang-after",
  /** Not applied: a proxy's login page with 200. */
  "html",
  /** Applied; then the same page. */
  "html-after",
  /** Applied; the body of the answer ends in the middle, properly framed. */
  "truncated",
  /** Applied; the connection breaks in the middle of the answer. */
  "cut",
  /** Applied; the answer comes byte by byte. */
  "drip",
  "412",
  /** Refused for another reason than the token. */
  "403",
] as const;
export type FaultKind = (typeof faultKinds)[number];

/** A route as faults are scheduled by: so the schedule does not depend on how requests of other routes interleave. */
export const routes = [
  "GET /Users",
  "GET /Users/id",
  "POST /Users",
  "PATCH /Users/id",
  "PUT /Users/id",
  "DELETE /Users/id",
  "GET /Groups",
  "GET /Groups/id",
  "POST /Groups",
  "PATCH /Groups/id",
  "DELETE /Groups/id",
] as const;
export type Route = (typeof routes)[number];

/** After `skip` more requests of this route the next one fails. */
export type Fault = { route: Route; skip: number; kind: FaultKind };

/** Answers the fault of each request as it comes, in the order of the schedule; undefined for none. */
export const scheduleFaults = (faults: readonly Fault[]) => {
  const queues = new Map<string, Fault[]>();
  for (const fault of faults) queues.set(fault.route, [...(queues.get(fault.route) ?? []), { ...fault }]);
  return (method: string, path: string): FaultKind | undefined => {
    const [, collection, id] = path.split("/");
    const queue = queues.get(`${method} /${collection}${id === undefined ? "" : "/id"}`);
    const next = queue?.[0];
    if (!queue || !next) return undefined;
    if (next.skip > 0) {
      next.skip -= 1;
      return undefined;
    }
    queue.shift();
    return next.kind;
  };
};
