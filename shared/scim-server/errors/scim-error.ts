import type { JsonObject } from "../../model/json.ts";

/** Every word that an error may carry: RFC 7644 §3.12, and RFC 9865 §2.1 of cursors. Closed. */
export type ScimType =
  | "invalidFilter"
  | "tooMany"
  | "uniqueness"
  | "mutability"
  | "invalidSyntax"
  | "invalidPath"
  | "noTarget"
  | "invalidValue"
  | "invalidVers"
  | "sensitive"
  | "invalidCursor"
  | "expiredCursor"
  | "invalidCount";

type ScimStatus = 400 | 401 | 403 | 404 | 405 | 409 | 412 | 413 | 415 | 429 | 500 | 501 | 503;

/**
 * The one error of SCIM in. `detail` is shown to the identity provider, and by it to its administrator: it says what
 * happened, to what, and what to do. It repeats no value that was sent, and a name only where that is known or plain.
 */
export class ScimError extends Error {
  readonly status: ScimStatus;
  readonly detail: string;
  readonly scimType: ScimType | undefined;

  constructor(status: ScimStatus, detail: string, scimType?: ScimType) {
    super(detail);
    this.name = "ScimError";
    this.status = status;
    this.detail = detail;
    this.scimType = scimType;
  }
}

/** A 400, which always has a `scimType`. */
export const badRequest = (scimType: ScimType, detail: string): ScimError =>
  new ScimError(400, detail, scimType);

/** The body of an error. `status` is a text (RFC 7644 §3.12). */
export const errorBody = ({ status, detail, scimType }: ScimError): JsonObject => ({
  schemas: ["urn:ietf:params:scim:api:messages:2.0:Error"],
  status: String(status),
  ...(scimType !== undefined && { scimType }),
  detail,
});
