import type { World } from "./world.ts";

/**
 * No secret is anywhere but in the store of secrets: in no item, event, receipt, problem or request of ours that is
 * kept.
 */
export const checkSecrets = ({ memory, secrets, log, traced }: World): string[] => {
  const { secrets: _, ...others } = memory;
  const kept = Object.entries(others).map(([name, items]) => [name, textOf(items)] as const);
  const places = [
    ...kept,
    ["what callers are told", log.join("\n")],
    ["the trace", traced.join("\n")],
  ] as const;
  return places.flatMap(([place, text]) =>
    [...secrets].filter((secret) => text.includes(secret)).map(() => `a secret is in ${place}`),
  );
};

const textOf = (items: unknown): string =>
  JSON.stringify(items, (_, value: unknown) =>
    value instanceof Map ? [...value] : value instanceof Set ? [...value] : value,
  );
