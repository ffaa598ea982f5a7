import { Failure } from "../../model/failure.ts";
import { storeUnavailable } from "./dynamodb-client.ts";

/**
 * What an error of the table is to a caller: Failure `store-unavailable` (throttled, 5xx, network, time-out, no
 * right), or `invalid-input` where the item is too large or a number out of range, which callers alone can cause. What
 * else DynamoDB finds invalid is a mistake of this code and comes back as it is.
 */
export const tableFailure = (error: unknown): unknown => {
  if (!(error instanceof Error) || error.name !== "ValidationException") return storeUnavailable(error);
  if (/item (collection )?size|size .*exceeded/i.test(error.message)) {
    return new Failure("invalid-input", "This is more than can be kept in one item (400 KB).", {
      cause: error,
    });
  }
  if (/number (overflow|underflow)|significant digits/i.test(error.message)) return unfitNumber(error);
  return error;
};

/** The same for a value that cannot even be sent. */
export const unfitNumber = (cause: unknown): Failure =>
  new Failure("invalid-input", "A number is too large to be kept exactly.", { cause });

/** What an error of Secrets Manager is to a caller. */
export const secretsFailure = (cause: unknown): Failure => storeUnavailable(cause, "The store of secrets");
