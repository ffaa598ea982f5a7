import { makeAutomaticPlan } from "./make-automatic-plan.ts";
import { makePlan } from "./make-plan.ts";

/** What the worlds of a seed are about: calls on demand alone, or changes that the service carries out by itself. */
export const modes = { "on-demand": makePlan, automatic: makeAutomaticPlan } as const;
export type Mode = keyof typeof modes;

/** How a provider is called in the tally. */
export const rowOf = (name: string, mode: Mode): string =>
  mode === "automatic" ? `${name}, by itself` : name;
