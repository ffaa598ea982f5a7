import { Failure } from "../../model/failure.ts";
import type { IntegrationContext } from "../ports/ports.ts";
import { countLosses, type KnownOfLeaving, type Leaving } from "./count-losses.ts";
import type { Losses } from "./losses.ts";
import { reserveLosses } from "./reserve-losses.ts";

/**
 * Guard against mass removal: a call that would take away more than is left free in this hour does nothing, unless it
 * confirms just the number of people that it takes something away from. A larger one may be a guess, a smaller one is
 * stale. What is confirmed is not counted. `goOn` says how that call is to be repeated, with a count.
 * @returns whether the call has confirmed what it takes away
 * @throws Failure `deprovisions-held` with the count
 */
export const guardLosses = (
  context: IntegrationContext,
  losses: Losses,
  confirm: number | undefined,
  goOn = byQuery,
): Promise<boolean> => guardInAll([{ context, losses }], confirm, goOn);

const byQuery = (count: number): string => `repeat it with ?confirm=${count}`;

/** The same of a call that takes away in several integrations: what it takes in those that hold it back is to be confirmed. */
export const guardInAll = async (
  all: { context: IntegrationContext; losses: Losses }[],
  confirm: number | undefined,
  goOn = byQuery,
): Promise<boolean> => {
  const total = countOf(all.map(({ losses }) => losses));
  if (total.count === 0) return false;
  if (confirm === total.count) return true;
  const held: Losses[] = [];
  for (const { context, losses } of all) if (!(await reserveLosses(context, losses))) held.push(losses);
  if (held.length === 0) return false;
  const { count, ...facts } = countOf(held);
  if (confirm === count) return true;
  throw new Failure(
    "deprovisions-held",
    `This call would take away ${wordsFor(facts)}. With what was taken away in the last hour that is more than the guard lets go. Nothing was done. To go on, ${goOn(count)}.`,
    { facts: { count, ...facts } },
  );
};

const countOf = (all: Losses[]) => {
  const accounts = all.reduce((sum, losses) => sum + losses.accounts.length, 0);
  const groupOnly = all.reduce((sum, losses) => sum + losses.groupOnly.length, 0);
  return { count: accounts + groupOnly, accounts, groupOnly };
};

/** The same for users whom a group lets go of. */
export const guardLeaving = async (
  context: IntegrationContext,
  leaving: Leaving,
  confirm: number | undefined,
  known?: KnownOfLeaving,
): Promise<boolean> => guardLosses(context, await countLosses(context, leaving, known), confirm);

const wordsFor = ({ accounts, groupOnly }: { accounts: number; groupOnly: number }): string =>
  [
    accounts > 0 && (accounts === 1 ? "the account of one person" : `the accounts of ${accounts} people`),
    groupOnly > 0 &&
      `the group from ${groupOnly === 1 ? "one person who keeps" : `${groupOnly} people who keep`} their account`,
  ]
    .filter(Boolean)
    .join(", and ");
