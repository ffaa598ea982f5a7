/** A statement of a policy, with every part as a list. */
export type Statement = {
  effect: "Allow" | "Deny";
  actions: string[];
  resources: string[];
  /** Operator, key, values. */
  conditions: { operator: string; key: string; values: string[] }[];
};

type Raw = {
  Effect: Statement["effect"];
  Action: string | string[];
  Resource: string | string[];
  Condition?: Record<string, Record<string, unknown>>;
};

/** @throws Error for a statement that says what it does not mean (NotAction, NotResource) */
export const statementsIn = (document: unknown): Statement[] =>
  list((document as { Statement: Raw | Raw[] }).Statement).map((raw) => {
    for (const part of ["NotAction", "NotResource", "Principal"])
      if (part in raw) throw new Error(`a statement has ${part}, which is not read here`);
    const conditions = Object.entries(raw.Condition ?? {}).flatMap(([operator, keys]) =>
      Object.entries(keys).map(([key, values]) => ({ operator, key, values: list(values).map(String) })),
    );
    return { effect: raw.Effect, actions: list(raw.Action), resources: list(raw.Resource), conditions };
  });

const list = <T>(value: T | T[]): T[] => (Array.isArray(value) ? value : [value]);
