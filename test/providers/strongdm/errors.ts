import type { ProviderAnswer } from "../front.ts";

const ERROR_SCHEMA = "urn:ietf:params:scim:api:messages:2.0:Error";

/** The `scimType`s that strongDM's library uses, each with its fixed text (RFC 7644 §3.12). */
const DETAILS = {
  invalidFilter:
    "The specified filter syntax was invalid, or the specified attribute and filter comparison combination is not supported.",
  invalidSyntax: "The request body message structure was invalid or did not conform to the request schema.",
  invalidPath: 'The "path" attribute was invalid or malformed.',
  noTarget: "The specified path did not yield an attribute or attribute value that could be operated on.",
  invalidValue:
    "A required value was missing, or the value specified was not compatible with the operation or attribute type, or resource schema.",
  mutability:
    "The attempted modification is not compatible with the target attribute's mutability or current state.",
  uniqueness: "One or more of the attribute values are already in use or are reserved.",
} as const;

/** A refusal, thrown from anywhere below the routes. */
export class Refusal extends Error {
  readonly status: number;
  readonly scimType: string | undefined;

  constructor(status: number, detail: string, scimType?: string) {
    super(detail);
    this.status = status;
    this.scimType = scimType;
  }
}

/** 400 (409 for uniqueness) with the library's own text. */
export function refusal(scimType: keyof typeof DETAILS): Refusal {
  return new Refusal(scimType === "uniqueness" ? 409 : 400, DETAILS[scimType], scimType);
}

/** 404 for a user, role or member id. */
export function notFound(id: string): Refusal {
  return new Refusal(404, `Resource ${id} not found.`);
}

/** The error document; the key order is strongDM's and `status` is a string. */
export function errorAnswer(error: Refusal): ProviderAnswer {
  const document = {
    schemas: [ERROR_SCHEMA],
    ...(error.scimType === undefined ? {} : { scimType: error.scimType }),
    ...(error.message === "" ? {} : { detail: error.message }),
    status: String(error.status),
  };
  return {
    status: error.status,
    headers: { "content-type": "application/scim+json" },
    body: JSON.stringify(document),
  };
}
