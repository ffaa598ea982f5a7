import type * as z from "zod";
import { shownName } from "../../common/shown-name.ts";
import { Failure, type FieldError } from "../../model/failure.ts";
import { emptyHint, plainMessage } from "./plain-message.ts";

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
  const errors = saidOnce(parsed.error.issues.flatMap((issue) => errorsOf(issue, [])));
  throw invalidInput(
    errors
      .slice(0, maxErrors)
      .map(({ path, message }) => ({ path: nameOf(place, path), message: message.slice(0, 500) })),
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

/** Of a field that is empty only that is said, whatever else an empty text is not. */
const saidOnce = (errors: FieldError[]): FieldError[] => {
  const isEmpty = ({ message }: FieldError) => message === emptyHint;
  const empty = new Set(errors.filter(isEmpty).map(({ path }) => path));
  return errors.filter((error) => isEmpty(error) || !empty.has(error.path));
};

/**
 * The errors of one issue. They name types, limits and allowed values, never the value that was given, which may be a
 * secret. The schemas' own messages have to do the same.
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
  return [{ path: textOf(path), message: plainMessage(issue) }];
};

/** Of the forms that a union allows, the one with the fewest errors is what the caller meant, if it is only one. */
const nearestBranch = (branches: z.core.$ZodIssue[][]): z.core.$ZodIssue[] | undefined => {
  const fewest = Math.min(...branches.map((branch) => branch.length));
  const nearest = branches.filter((branch) => branch.length === fewest);
  return nearest.length === 1 ? nearest[0] : undefined;
};

const textOf = (path: PropertyKey[]): string => path.map(String).join(".");
