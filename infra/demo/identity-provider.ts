import { isDeepStrictEqual } from "node:util";

/** What the demo reads of an answer to SCIM in. */
export type ScimBody = {
  id?: string;
  status?: string;
  active?: boolean;
  totalResults?: number;
  schemas?: string[];
};
export type ScimAnswer = { body: ScimBody; correlationId: string };

/** An identity provider of the demo: it knows Usher by the base URL and the token that its admin has entered, and no more. */
export type IdentityProvider = {
  /** One request, which must be answered with `status`. @throws Error for any other */
  send(method: string, path: string, status: number, body?: object): Promise<ScimAnswer>;
  /** Requests so far. */
  requests(): number;
};

type Connection = { scimBaseUrl: string; token: string };

const errorSchema = "urn:ietf:params:scim:api:messages:2.0:Error";

/** `onAnswer` sees the text and headers of every answer. */
export const connect = (
  { scimBaseUrl, token }: Connection,
  onAnswer: (place: string, text: string) => void,
): IdentityProvider => {
  let requests = 0;
  return {
    requests: () => requests,
    async send(method, path, status, body) {
      requests += 1;
      const answer = await fetch(scimBaseUrl + path, {
        method,
        headers: {
          authorization: `Bearer ${token}`,
          ...(body !== undefined && { "content-type": "application/scim+json" }),
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      const text = await answer.text();
      onAnswer(`the answer to ${method} /scim/v2${path}`, `${JSON.stringify([...answer.headers])}\n${text}`);
      if (answer.status !== status)
        throw new Error(
          `${method} /scim/v2${path} was answered ${answer.status} instead of ${status}: ${text}`,
        );
      const read = text === "" ? {} : (JSON.parse(text) as ScimBody);
      if (status >= 400 && !isDeepStrictEqual(read.schemas, [errorSchema]))
        throw new Error(`${method} /scim/v2${path} was refused otherwise than SCIM says`);
      return { body: read, correlationId: answer.headers.get("x-correlation-id") ?? "" };
    },
  };
};

export const userUrn = "urn:ietf:params:scim:schemas:core:2.0:User";
export const groupUrn = "urn:ietf:params:scim:schemas:core:2.0:Group";
export const enterpriseUrn = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
const patchSchema = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
export const patch = (...Operations: object[]): object => ({ schemas: [patchSchema], Operations });

/** `filter=` of a query. */
export const filtered = (path: string, filter: string): string =>
  `${path}?filter=${encodeURIComponent(filter)}&startIndex=1&count=100`;

/** @returns the id that the answer gives it */
export const make = async (provider: IdentityProvider, path: string, body: object): Promise<string> =>
  (await provider.send("POST", path, 201, body)).body.id ?? "";
