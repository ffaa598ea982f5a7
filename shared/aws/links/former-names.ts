/** Attributes of `observed` as version 0.1 wrote them, and as they are called now. */
const currentNames: Record<string, string> = {
  doubtful: "uncertain",
  maybeCreated: "uncertainCreation",
  maybeNamed: "uncertainNames",
};

/** What is known, under the names of today: an item that was written last by version 0.1 has others. */
export const withCurrentNames = <O extends object>(observed: O): O =>
  Object.fromEntries(
    Object.entries(observed).map(([name, value]) => [currentNames[name] ?? name, value]),
  ) as O;
