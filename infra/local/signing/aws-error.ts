/** An error that a client of an embedded endpoint shall see, in the form of AWS's JSON protocols. */
export class AwsError extends Error {
  readonly status: number;
  /** `__type` names the error, optionally behind a `#`. */
  readonly body: { __type: string } & Record<string, unknown>;

  constructor(status: number, body: AwsError["body"]) {
    super(`${body.__type}: ${body.message ?? body.Message ?? ""}`);
    this.name = "AwsError";
    this.status = status;
    this.body = body;
  }
}

/** DynamoDB's answer to a request that cannot be carried out as it is. */
export const invalid = (message: string): AwsError =>
  new AwsError(400, { __type: "com.amazon.coral.validate#ValidationException", message });
