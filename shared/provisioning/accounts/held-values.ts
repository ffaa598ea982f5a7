import { diffAgainstRemote } from "../../mapping/diff-attributes.ts";
import type { AttributeChange, Attributes } from "../../model/attributes.ts";
import type { UserLink, UserObserved } from "../../model/link.ts";
import { ignoreFailure } from "../ports/ignore-failure.ts";
import type { ProviderFailure } from "../ports/provider-failure.ts";
import type { ServiceProvider } from "../ports/service-provider.ts";
import { compareAccount } from "./compare-account.ts";
import { withoutUncertain } from "./uncertain-values.ts";

/** What was sent, and refused or not understood. */
type Failed = { remoteId: string; next: Attributes; changes: AttributeChange[] };

/** Of the changes that failed, those that the account holds; and what it shows, plainly, in place of others. */
type Held = { holding: AttributeChange[]; others: Attributes };

/**
 * What an account shows of changes that failed, read once where it may show them: an answer that nobody can read may stand
 * for a success, a strict provider refuses to clear what is not there, with all that goes out beside it, and one that
 * refuses several changes may have kept the first of them, against RFC 7644 §3.5.2. Undefined where nothing was read.
 */
export const readHeld = async (
  { provider, link }: { provider: ServiceProvider; link: UserLink },
  { remoteId, next, changes }: Failed,
  failure: ProviderFailure,
): Promise<Held | undefined> => {
  if (failure.kind !== "malformed" && !mayBeHalfApplied(failure, changes)) return undefined;
  const account = await provider.readUser(remoteId).catch(ignoreFailure);
  if (!account) return undefined;
  const left = new Map(compareAccount(account, next, link).changes.map(({ path, from }) => [path, from]));
  const others = changes.flatMap(({ path, from }) => {
    const shown = left.get(path);
    const isAsBefore =
      from !== undefined &&
      shown !== undefined &&
      diffAgainstRemote({ [path]: shown }, { [path]: from }).length === 0;
    // What is not shown is not gone.
    return shown === undefined || isAsBefore ? [] : [[path, shown] as const];
  });
  return { holding: changes.filter(({ path }) => !left.has(path)), others: Object.fromEntries(others) };
};

/** A refusal of several changes, or of clearing something. */
export const mayBeHalfApplied = (
  { kind, status = 0 }: ProviderFailure,
  changes: AttributeChange[],
): boolean =>
  (kind === "rejected" && changes.some(({ to }) => to === undefined)) ||
  ((kind === "rejected" || kind === "conflict") && status < 500 && changes.length > 1);

/** The next plan is made from what is there. */
export const withHeld = (observed: UserObserved, { holding, others }: Held): UserObserved => {
  const shown = [...holding, ...Object.keys(others).map((path) => ({ path }))];
  const known = withoutUncertain(observed, shown);
  const paths = new Set(shown.map(({ path }) => path));
  const kept = Object.entries(known.pushed ?? {}).filter(([path]) => !paths.has(path));
  const held = holding.flatMap(({ path, to }) => (to === undefined ? [] : [[path, to] as const]));
  return { ...known, pushed: { ...Object.fromEntries([...kept, ...held]), ...others } };
};
