import type { FieldError } from "../model/failure.ts";
import type { AttributeMapping } from "../model/integration.ts";
import { mappingErrors } from "./check-mappings.ts";
import { defaultMapping } from "./default-mapping.ts";
import { formatScimPath, parseTarget, type ScimPath } from "./scim-path.ts";

export type OwnRow = { path: ScimPath; target: string; row: AttributeMapping };

/** An integration's rows as a mapping uses them. */
type OwnRows = {
  /** What is wrong with the rows. If anything is, no user can be mapped. */
  refused: FieldError[];
  /** Instead of a default row, by its target. */
  replacements: ReadonlyMap<string, AttributeMapping>;
  /** Other attributes. */
  further: OwnRow[];
  /** Rows of the form `attribute[type eq "…"].sub`. */
  elements: OwnRow[];
};

/**
 * The parsed form of each list of rows. A list is never changed after it was read, and a list that is read again is
 * parsed again. So nothing has to be invalidated, and the parsed form is freed with its list.
 */
const parsed = new WeakMap<readonly AttributeMapping[], OwnRows>();

/** The rows, parsed. The result does not depend on the order in which an admin wrote them. */
export const ownRows = (rows: readonly AttributeMapping[]): OwnRows => {
  const known = parsed.get(rows);
  if (known) return known;
  const made = parse(rows);
  parsed.set(rows, made);
  return made;
};

const parse = (rows: readonly AttributeMapping[]): OwnRows => {
  const sorted = rows
    .flatMap((row): OwnRow[] => {
      const target = parseTarget(row.target);
      return "error" in target ? [] : [{ path: target.path, target: formatScimPath(target.path), row }];
    })
    .sort((a, b) => (a.target < b.target ? -1 : 1));
  const isDefault = ({ target }: OwnRow) => defaultMapping.some((known) => known.target === target);
  const plain = sorted.filter(({ path }) => path.type === undefined);
  const elements = sorted.filter(({ path }) => path.type !== undefined);
  const makesPrimary = ({ path }: OwnRow) => path.sub === "primary";
  return {
    refused: mappingErrors(rows),
    replacements: new Map(plain.filter(isDefault).map(({ target, row }) => [target, row])),
    further: plain.filter((row) => !isDefault(row)),
    // Primary last, when it is known whether the element that it makes primary has a value at all.
    elements: [...elements.filter((row) => !makesPrimary(row)), ...elements.filter(makesPrimary)],
  };
};
