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
