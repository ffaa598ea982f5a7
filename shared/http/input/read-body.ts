import type { APIGatewayProxyEventV2 } from "aws-lambda";
import { Failure } from "../../model/failure.ts";

/** The contract's limit; the gateway's own is 10 MB. */
export const maxBodyBytes = 1024 * 1024;
/** No input of this API is half as deep. So code that walks the value later may recurse. */
const maxDepth = 32;

/**
 * The JSON body of a request; undefined where there is none. Throws Failure `body-too-large`, `not-json` or
 * `malformed-json`. Their messages never quote what the caller sent, since it may hold a secret.
 */
export const readBody = ({
  body,
  headers,
  isBase64Encoded,
}: Pick<APIGatewayProxyEventV2, "body" | "headers" | "isBase64Encoded">): unknown => {
  if (body === undefined || body === "") return undefined;
  const bytes = Buffer.from(body, isBase64Encoded ? "base64" : "utf8");
  if (bytes.length > maxBodyBytes) {
    throw new Failure(
      "body-too-large",
      `The body has ${bytes.length} bytes; at most ${maxBodyBytes} are taken.`,
    );
  }
  if (!isJsonType(headers["content-type"])) {
    throw new Failure("not-json", "Send the body as JSON, with the header Content-Type: application/json.");
  }
  const value = parse(bytes);
  if (isDeeperThan(value, maxDepth)) {
    throw new Failure("malformed-json", `The body is nested more than ${maxDepth} levels deep.`);
  }
  return value;
};

const isJsonType = (contentType: string | undefined): boolean =>
  /^application\/(json|[\w.!#$&^-]+\+json)\s*(;|$)/i.test(contentType?.trim() ?? "");

const parse = (bytes: Buffer): unknown => {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes));
  } catch {
    // Without the cause: the parser's message quotes the body.
    throw new Failure("malformed-json", "The body is not valid JSON in UTF-8.");
  }
};

/** Level by level instead of by recursion, which a deep value would drive through the end of the call stack. */
const isDeeperThan = (value: unknown, limit: number): boolean => {
  let level = [value];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > limit) return true;
    level = level.flatMap((item) => (typeof item === "object" && item !== null ? Object.values(item) : []));
  }
  return false;
};
