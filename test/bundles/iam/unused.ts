import { partitionsOf } from "../../../shared/aws/table/keys.ts";
import type { Used } from "./evaluate.ts";
import type { Statement } from "./policy.ts";

/**
 * A part of a grant, as a line: action, the end of the resource's ARN, and the kind of items where a condition names
 * partitions. Whoever holds one partition of a kind holds them all.
 */
type Unit = string;

const kindOf = (pattern: string): string =>
  Object.entries(partitionsOf).find(([, patterns]) => patterns.includes(pattern))?.[0] ?? pattern;

const unitOf = (action: string, resource: string, pattern?: string): Unit =>
  [action, resource.split(":").slice(5).join(":"), ...(pattern === undefined ? [] : [kindOf(pattern)])].join(
    " ",
  );

/** All that the statements allow. */
export const unitsOf = (statements: readonly Statement[]): Set<Unit> =>
  new Set(
    statements.flatMap(({ actions, resources, conditions }) => {
      const patterns = conditions
        .filter(({ operator }) => /String(Like|Equals)$/.test(operator))
        .flatMap(({ values }) => values);
      return actions.flatMap((action) =>
        resources.flatMap((resource) =>
          patterns.length > 0
            ? patterns.map((pattern) => unitOf(action, resource, pattern))
            : [unitOf(action, resource)],
        ),
      );
    }),
  );

/** What of them was needed. */
export const unitsUsed = (used: readonly Used[]): Set<Unit> =>
  new Set(used.map(({ action, resource, pattern }) => unitOf(action, resource, pattern)));
