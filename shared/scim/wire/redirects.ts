import type { HttpAnswer } from "./transport.ts";

const maxRedirects = 2;

/**
 * Send a request and follow 307 and 308, which keep method and body (RFC 9110 §15.4.8, §15.4.9), at most twice and to
 * the same origin alone: the secret never goes to another one. Any other redirect is handed back as it came.
 */
export const followRedirects = async (
  send: (url: URL) => Promise<HttpAnswer>,
  start: URL,
): Promise<HttpAnswer> => {
  let url = start;
  for (let followed = 0; ; followed++) {
    const answer = await send(url);
    const next = targetOf(answer, url);
    if (next === undefined || next.origin !== start.origin || followed === maxRedirects) return answer;
    url = next;
  }
};

const targetOf = ({ status, headers }: HttpAnswer, url: URL): URL | undefined => {
  if ((status !== 307 && status !== 308) || headers.location === undefined) return undefined;
  return URL.parse(headers.location, url.href) ?? undefined;
};
