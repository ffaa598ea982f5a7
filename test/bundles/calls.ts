import { type AwsKeys, sign } from "../../infra/smoke/sign.ts";
import { region } from "./stack/values.ts";

/** An answer's JSON; what tests read one by one is typed. */
export type Body = Record<string, unknown> & {
  integrationId: string;
  holdId: string;
  count: number;
  state: string;
  code: string;
  items: Body[];
};
export type Answer = { status: number; headers: Headers; text: string; body: Body };
export type Call = (
  method: string,
  path: string,
  body?: unknown,
  headers?: Record<string, string>,
) => Promise<Answer>;

/** Calls the API signed with these keys, as any SDK signs. */
export const signedCalls =
  (url: string, keys: AwsKeys): Call =>
  async (method, path, body, headers = {}) => {
    const text = body === undefined ? undefined : typeof body === "string" ? body : JSON.stringify(body);
    const all = { ...(text === undefined ? {} : { "content-type": "application/json" }), ...headers };
    const request = { method, url: url + path, headers: all, body: text };
    return await send(request, await sign(request, { keys, region, service: "execute-api" }));
  };

/** Calls it with a token. */
export const bearerCalls =
  (url: string, token: string): Call =>
  async (method, path, body, headers = {}) => {
    const text = body === undefined ? undefined : JSON.stringify(body);
    const all = { ...headers, authorization: `Bearer ${token}`, "content-type": "application/json" };
    return await send({ method, url: url + path, body: text }, all);
  };

const send = async (
  { method, url, body }: { method: string; url: string; body: string | undefined },
  headers: Record<string, string>,
): Promise<Answer> => {
  const answer = await fetch(url, { method, headers, ...(body === undefined ? {} : { body }) });
  const text = await answer.text();
  return {
    status: answer.status,
    headers: answer.headers,
    text,
    body: text.startsWith("{") ? JSON.parse(text) : {},
  };
};

/** The body of an answer. @throws Error where it is none of a success, or of what still goes on */
export const ok = ({ status, text, body }: Answer): Body => {
  if ([200, 201, 204].includes(status)) return body;
  throw new Error(`answered ${status}: ${text}`);
};

export const until = async (isSo: () => Promise<boolean>, ms = 60_000): Promise<void> => {
  const end = Date.now() + ms;
  while (!(await isSo())) {
    if (Date.now() > end) throw new Error(`not so within ${ms / 1000} s`);
    await new Promise((done) => setTimeout(done, 50));
  }
};
