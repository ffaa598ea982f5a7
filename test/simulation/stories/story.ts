import type { Plan } from "../plan.ts";

/** A promise that was broken once, in the service or in what the simulation expected, and the smallest plan that showed it. */
export type Story = [promise: string, plan: Plan];
