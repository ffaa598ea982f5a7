import type { LastAnswer } from "../model/attempt.ts";
import type { Authorization } from "./auth/authorization.ts";
import { classifyRefusal, classifyTransport, classifyUnreadable } from "./exchange/classify-failure.ts";
import { lastOf } from "./exchange/last-answer.ts";
import type { Attempt } from "./exchange/retry.ts";
import type { ScimRequest } from "./exchange/scim-request.ts";
import { Unreadable } from "./messages/answers.ts";
import { followRedirects } from "./wire/redirects.ts";
import type { HttpAnswer } from "./wire/transport.ts";
import { TransportFailure } from "./wire/transport-failure.ts";

/** Sends a request once, to this address. */
export type Send = (url: URL, request: ScimRequest<unknown>) => Promise<HttpAnswer>;

type Reading = Pick<Authorization, "redact" | "redactResource"> & { now(): number };

/**
 * One try of a request: sent, redirects followed, the secret taken out of the answer, and this read or the trouble told.
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
    const result = readAnswer(answer, request, now(), redact);
    return { result, ...(counts && { last: lastOf(answer.status, result) }) };
  } catch (error) {
    if (!(error instanceof TransportFailure)) throw error;
    const trouble = classifyTransport(error);
    const isSaid = error.trouble !== "refused" && counts;
    return {
      result: { ok: false, trouble },
      ...(isSaid && { last: { message: trouble.message, details: [] } }),
    };
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

const readAnswer = <T>(
  answer: HttpAnswer,
  request: ScimRequest<T>,
  now: number,
  redact: (text: string) => string,
): Attempt<T> => {
  if (answer.status < 200 || answer.status >= 300)
    return { ok: false, trouble: classifyRefusal(answer, request.byId === true, now, redact) };
  try {
    return { ok: true, value: request.read(answer) };
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    return { ok: false, trouble: classifyUnreadable(answer, error) };
  }
};
