import type * as z from "zod";
import { Failure, type FieldError } from "../../model/failure.ts";
import { shownName } from "./shown-name.ts";

/** More would only make a long answer longer. */
const maxErrors = 100;

type Place = "path" | "query" | "body";

/**
 * Parse one part of the input. Throws Failure `invalid-input` that names each bad field: body fields by their path
 * (`attributeMappings.2.target`), others with their place before it (`query.limit`).
 */
export const parseInput = <S extends z.ZodType>(schema: S, value: unknown, place: Place): z.infer<S> => {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const errors = parsed.error.issues.flatMap((issue) => errorsOf(issue, [])).slice(0, maxErrors);
  throw invalidInput(
    errors.map(({ path, message }) => ({ path: nameOf(place, path), message: message.slice(0, 500) })),
  );
};

export const invalidInput = (errors: FieldError[]): Failure =>
  new Failure("invalid-input", errors.length === 1 ? "A field is not valid." : "Some fields are not valid.", {
    errors,
  });

const nameOf = (place: Place, path: string): string => {
  if (place === "body") return path === "" ? "body" : path;
  return path === "" ? place : `${place}.${path}`;
};

/**
 * The errors of one issue. zod's messages name types, limits and allowed values, never the value that was given, which
 * may be a secret. The schemas' own messages have to do the same.
 */
const errorsOf = (issue: z.core.$ZodIssue, parents: PropertyKey[]): FieldError[] => {
  const path = [...parents, ...issue.path];
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => ({ path: textOf([...path, shownName(key)]), message: "unknown field" }));
  }
  if (issue.code === "invalid_union") {
    const nearest = nearestBranch(issue.errors);
    if (nearest) return nearest.flatMap((inner) => errorsOf(inner, path));
  }
  return [{ path: textOf(path), message: messageOf(issue) }];
};

/** Of the forms that a union allows, the one with the fewest errors is what the caller meant, if it is only one. */
const nearestBranch = (branches: z.core.$ZodIssue[][]): z.core.$ZodIssue[] | undefined => {
  const fewest = Math.min(...branches.map((branch) => branch.length));
  const nearest = branches.filter((branch) => branch.length === fewest);
  return nearest.length === 1 ? nearest[0] : undefined;
};

const messageOf = (issue: z.core.$ZodIssue): string => {
  if (issue.code === "invalid_union") {
    return "options" in issue && issue.options
      ? `takes one of ${issue.options.map(String).join(", ")}`
      : "has none of the allowed forms";
  }
  return issue.code === "invalid_type" && issue.message.endsWith("received undefined")
    ? "is required"
    : issue.message;
};

const textOf = (path: PropertyKey[]): string => path.map(String).join(".");
