import type { ProviderAnswer } from "../front.ts";
import type { Switches } from "./switches.ts";

const errorSchema = "urn:ietf:params:scim:api:messages:2.0:Error";

/** A refusal, thrown from anywhere below the routes. */
export class Refusal extends Error {
  readonly status: number;
  readonly scimType: string | undefined;
  readonly headers: Record<string, string>;

  constructor(status: number, detail: string, scimType?: string, headers: Record<string, string> = {}) {
    super(detail);
    this.status = status;
    this.scimType = scimType;
    this.headers = headers;
  }
}

export const notFound = (id: string): Refusal => new Refusal(404, `Resource ${id} not found.`);

export const typeOf = ({ contentTypeJson }: Switches): string =>
  contentTypeJson ? "application/json" : "application/scim+json";

/** The error document in the provider's own shape. */
export const errorAnswer = (switches: Switches, refusal: Refusal, authorization: string): ProviderAnswer => {
  const detail = switches.echoesToken ? `${refusal.message} (sent: ${authorization})` : refusal.message;
  return {
    status: refusal.status,
    headers: { "content-type": typeOf(switches), ...refusal.headers },
    body: JSON.stringify(documentOf(switches, refusal, detail)),
  };
};

const documentOf = (switches: Switches, { status, scimType }: Refusal, detail: string): object => {
  if (switches.errorsArray) return { Errors: [{ description: detail, code: status }] };
  const schemas = switches.schemasAsString ? errorSchema : [errorSchema];
  if (switches.conflictWithoutScimType && status === 409) {
    return {
      schema: schemas,
      schemas,
      detail,
      status: String(status),
      exceptionRequestId: "81abca44-4ee3-47fa-b4d9-729908ef1dd9",
      timeStamp: "2022-03-18 10:57:08.014",
    };
  }
  return {
    schemas,
    detail,
    status: switches.numericStatus ? status : String(status),
    ...(scimType && { scimType }),
  };
};
