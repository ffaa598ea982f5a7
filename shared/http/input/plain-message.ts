import type * as z from "zod";

/** Said of a text or list that has to hold something. */
export const emptyHint = "must not be empty";

const types: Record<string, string> = {
  string: "text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  array: "a list",
  object: "an object",
  record: "an object",
};
const formats: Record<string, string> = {
  email: "is not an e-mail address",
  datetime: "is not a time of RFC 3339, e.g. 2026-11-05T08:00:00Z",
  url: "is not a URL that begins with http:// or https://",
};
/** How zod's own messages begin; a schema's own stand as they are. */
const isOfZod = /^(Invalid|Too |Unrecognized|Not a multiple|Number must)/;

/** What is wrong with a field, in plain words that follow its name; never the value that was given. */
export const plainMessage = (issue: z.core.$ZodIssue): string => {
  if (issue.code === "invalid_union") {
    return "options" in issue && issue.options
      ? oneOf(issue.options as unknown[])
      : "has none of the allowed forms";
  }
  if (!isOfZod.test(issue.message)) return issue.message;
  switch (issue.code) {
    case "invalid_type":
      return issue.message.endsWith("received undefined")
        ? "is required"
        : `must be ${types[issue.expected] ?? issue.expected}`;
    case "invalid_value":
      return oneOf(issue.values);
    case "invalid_format":
      return formats[issue.format] ?? "does not have the form that it must have";
    case "too_small":
      return tooSmall(issue);
    case "too_big":
      return limited(issue.origin, "at most", issue.maximum);
    case "invalid_key":
      return "has a name that cannot be used";
    default:
      return "is not valid";
  }
};

const oneOf = (values: readonly unknown[]): string =>
  values.length === 1 ? `must be ${values.map(String)}` : `takes one of ${values.map(String).join(", ")}`;

const tooSmall = ({ origin, minimum }: z.core.$ZodIssueTooSmall): string =>
  minimum === 1 && (origin === "string" || origin === "array")
    ? emptyHint
    : limited(origin, "at least", minimum);

const limited = (origin: string, bound: "at least" | "at most", limit: number | bigint): string => {
  if (origin === "string") return `must have ${bound} ${limit} characters`;
  if (origin === "array" || origin === "set" || origin === "object" || origin === "record")
    return `must have ${bound} ${limit} entries`;
  return `must be ${bound} ${limit}`;
};
