import { type HttpAnswer, type HttpRequest, userAgent } from "../../shared/scim/wire/transport.ts";
import type { TransportFailure } from "../../shared/scim/wire/transport-failure.ts";
import type { ProviderAnswer, ProviderRequest } from "../providers/front.ts";
import type { NetworkFaultKind } from "./faults.ts";

/** How a request ends for the client: an answer, a trouble of the connection, or silence until its time-out. */
export type Ending = HttpAnswer | { trouble: TransportFailure["reason"] } | "silence";
/** The provider never sees the request. */
type Before = (now: number) => Ending;
/** The provider has applied it. */
type After = (answer: HttpAnswer) => Ending;

const json = { "content-type": "application/scim+json" };
const answerOf = (status: number, headers: Record<string, string> = {}, text = ""): HttpAnswer => ({
  status,
  headers,
  text,
  cut: false,
  isGarbled: false,
});
const refusal = (status: number, detail: string, headers: Record<string, string> = {}): HttpAnswer =>
  answerOf(status, { ...json, ...headers }, JSON.stringify({ detail, status: String(status) }));
const half = (text: string): string => text.slice(0, Math.floor(text.length / 2));
const loginPage = "<!doctype html><html><body><form>Sign in</form></body></html>";

export const endsBefore: { [K in NetworkFaultKind]?: Before } = {
  "500-before": () => refusal(500, "Internal error"),
  "503-seconds": () => answerOf(503, { "retry-after": "2" }),
  "503-date": (now) => answerOf(503, { "retry-after": new Date(now + 2_000).toUTCString() }),
  "503-bare": () => answerOf(503),
  "429-seconds": () => refusal(429, "Too many requests", { "retry-after": "1" }),
  "429-bare": () => answerOf(429),
  "reset-before": () => ({ trouble: "reset" }),
  unconnected: () => ({ trouble: "unconnected" }),
  hang: () => "silence",
  html: () => answerOf(200, { "content-type": "text/html" }, loginPage),
  garbage: () => answerOf(200, { "content-type": "application/json" }, '{"status":"ok"}'),
  "501": () => refusal(501, "Not implemented"),
  "412": () => refusal(412, "The resource has changed"),
  "403": () => refusal(403, "Not now"),
};

export const endsAfter: { [K in NetworkFaultKind]?: After } = {
  "reply-lost": () => ({ trouble: "reset" }),
  "stale-socket": () => ({ trouble: "stale-socket" }),
  "500-after": () => refusal(500, "Internal error"),
  "hang-after": () => "silence",
  truncated: (answer) => ({ ...answer, text: half(answer.text) }),
  // A refusal is one even if the rest of its words is lost.
  cut: (answer) =>
    answer.status >= 400 ? { ...answer, text: half(answer.text), cut: true } : { trouble: "reset" },
};

/** As a provider's front reads it. */
export const toProviderRequest = (
  { method, url, headers, body = "" }: HttpRequest,
  basePath: string,
): ProviderRequest => {
  const sent = Object.entries({ "User-Agent": userAgent, ...headers });
  return {
    method,
    url: url.pathname + url.search,
    path: url.pathname.startsWith(`${basePath}/`) ? url.pathname.slice(basePath.length) : url.pathname,
    query: url.searchParams,
    headers: Object.fromEntries(sent.map(([name, value]) => [name.toLowerCase(), value])),
    body,
  };
};

export const toHttpAnswer = ({ status, headers, body }: ProviderAnswer): HttpAnswer =>
  answerOf(status, headers, status === 204 || status === 304 ? "" : body);
