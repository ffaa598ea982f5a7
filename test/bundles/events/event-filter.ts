/**
 * Whether an event fits a filter of an event source: the patterns of EventBridge that Lambda takes.
 *
 * @throws Error for a comparison that is not known here: nothing is guessed
 */
export const fitsPattern = (pattern: unknown, event: unknown): boolean => {
  if (Array.isArray(pattern)) return pattern.some((one) => fitsValue(one, event));
  const given = (typeof event === "object" && event !== null ? event : {}) as Record<string, unknown>;
  return Object.entries(pattern as Record<string, unknown>).every(([name, inner]) =>
    name === "$or"
      ? (inner as unknown[]).some((one) => fitsPattern(one, event))
      : fitsPattern(inner, given[name]),
  );
};

const fitsValue = (wanted: unknown, value: unknown): boolean => {
  if (typeof wanted !== "object" || wanted === null) return value === wanted;
  const [[comparison = "", operand] = []] = Object.entries(wanted);
  const compare = comparisons[comparison];
  if (!compare) throw new Error(`the filter compares by ${comparison}, which is not known here`);
  return compare(operand, value);
};

const comparisons: Record<string, (operand: unknown, value: unknown) => boolean> = {
  exists: (operand, value) => (value !== undefined) === operand,
  prefix: (operand, value) => typeof value === "string" && value.startsWith(String(operand)),
  suffix: (operand, value) => typeof value === "string" && value.endsWith(String(operand)),
  "equals-ignore-case": (operand, value) => String(value).toLowerCase() === String(operand).toLowerCase(),
  "anything-but": (operand, value) =>
    value !== undefined && ![operand].flat().some((one) => fitsValue(one, value)),
};
