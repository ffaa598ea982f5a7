import { Failure } from "../../model/failure.ts";
import type { IntegrationContext } from "../ports/ports.ts";
import { countLosses, type Leaving } from "./count-losses.ts";
import { isFree, type Losses } from "./free-losses.ts";

/**
 * Guard against mass deprovisioning: one call that would take away more than is free does nothing, unless it confirms
 * just the number of people that it takes something away from. A larger one may be a guess, a smaller one is stale.
 * @returns whether a confirmation was needed, and given
 * @throws Failure `deprovisions-held` with the count
 */
export const guardDeprovisions = async (
  context: IntegrationContext,
  leaving: Leaving,
  confirm: number | undefined,
): Promise<boolean> => requireConfirmed(await countHeld(context, leaving), confirm);

/** The same of what was counted: undefined where it needs no confirmation. */
export const requireConfirmed = (held: Losses | undefined, confirm: number | undefined): boolean => {
  if (!held) return false;
  const count = held.accounts + held.groupOnly;
  if (confirm === count) return true;
  throw new Failure(
    "deprovisions-held",
    `This call would take away ${wordsFor(held)}. Nothing was done. To go on, repeat it with ?confirm=${count}.`,
    { facts: { count, ...held } },
  );
};

/** What would be taken away; undefined where it needs no confirmation. */
export const countHeld = async (
  context: IntegrationContext,
  leaving: Leaving,
): Promise<Losses | undefined> => {
  const losses = await countLosses(context, leaving);
  return (await isFree(context, losses)) ? undefined : losses;
};

const wordsFor = ({ accounts, groupOnly }: Losses): string =>
  [
    accounts > 0 && `the accounts of ${accounts} people`,
    groupOnly > 0 && `the group from ${groupOnly} people who keep their account`,
  ]
    .filter(Boolean)
    .join(", and ");
