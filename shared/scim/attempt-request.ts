import type { LastAnswer } from "../model/attempt.ts";
import type { Authorization } from "./auth/authorization.ts";
import { classifyTransport, kindOfAnswer, readAnswer, titleOf } from "./exchange/classify-failure.ts";
import type { Attempt } from "./exchange/retry.ts";
import type { ScimRequest } from "./exchange/scim-request.ts";
import { followRedirects } from "./wire/redirects.ts";
import type { HttpAnswer } from "./wire/transport.ts";
import { TransportFailure } from "./wire/transport-failure.ts";

/** Sends a request once, to this address. */
export type Send = (url: URL, request: ScimRequest<unknown>) => Promise<HttpAnswer>;

type Reading = Pick<Authorization, "redact" | "redactResource"> & { now(): number };

/**
 * One try of a request: sent, redirects followed, the secret taken out of the answer, which is then read or classified.
 * `last` is what the provider said, where that counts.
 */
export const attemptRequest = async <T>(
  url: URL,
  request: ScimRequest<T>,
  send: Send,
  { now, redact, redactResource }: Reading,
): Promise<{ result: Attempt<T>; last?: LastAnswer }> => {
  const counts = request.aside !== true;
  try {
    const answer = withoutSecret(await followRedirects((to) => send(to, request), url), redactResource);
    const kind = kindOfAnswer(answer, request.byId === true);
    const result = readAnswer(answer, request.read, { kind, now: now(), redact });
    return { result, ...(counts && { last: lastOf(answer.status, result) }) };
  } catch (error) {
    if (!(error instanceof TransportFailure)) throw error;
    const result = classifyTransport(error);
    const isSaid = !["refused", "superseded"].includes(error.reason) && counts;
    return { result, ...(isSaid && { last: { message: result.failure.message, details: [] } }) };
  }
};

/** What a resource or its address echoes of the secret goes no further: a link and its events would keep it. */
const withoutSecret = (answer: HttpAnswer, redact: (text: string) => string): HttpAnswer => {
  const { location } = answer.headers;
  return {
    ...answer,
    text: redact(answer.text),
    headers: { ...answer.headers, ...(location !== undefined && { location: redact(location) }) },
  };
};

/** An answer without sense is told by what makes it so, since it holds no words of the provider. */
const lastOf = (status: number, result: Attempt<unknown>): LastAnswer => {
  if (result.ok) return { status, message: titleOf(status), details: [] };
  const { details, kind, message, scimType } = result.failure;
  const title = titleOf(status) + (scimType === undefined ? "" : ` (${scimType})`);
  return { status, message: title, details: kind === "malformed" ? [message] : details };
};
