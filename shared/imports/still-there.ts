import { concurrently } from "../common/concurrently.ts";
import { omit } from "../common/objects.ts";
import type { ImportRow } from "../model/import.ts";
import { toFailure } from "../provisioning/attempts/provider-failure.ts";
import type { Context } from "../provisioning/ports/ports.ts";
import { ProviderFailure } from "../provisioning/ports/provider-failure.ts";
import type { ServiceProvider } from "../provisioning/ports/service-provider.ts";
import { openReader, reading } from "../verification/open-reader.ts";
import { accountIn, toAccount } from "./account-items.ts";
import type { Picks } from "./picked-accounts.ts";
import { titleOf } from "./shown-account.ts";
import type { ImportWanted } from "./start-import.ts";

/** A scan that is older is no proof that an account is there: each is read before it is taken over. */
const freshMs = 60 * 60_000;
const atOnce = 8;

type Picked = Picks["picks"];

/** What a scan of long ago has shown is read once more. One that cannot be read keeps nobody else out. */
export const stillThere = async (
  context: Context,
  picks: Picked,
  { scannedAt }: ImportWanted,
): Promise<{ there: Picked; gone: ImportRow[] }> => {
  const { ports } = context;
  if (picks.length === 0 || ports.clock.now() < scannedAt + freshMs) return { there: picks, gone: [] };
  const provider = await openReader(context);
  const read = await concurrently(picks, atOnce, (picked) => readAgain(context, provider, picked));
  return {
    there: read.flatMap((one) => ("pick" in one ? [one] : [])),
    gone: read.flatMap((one) => ("result" in one ? [one] : [])),
  };
};

/** The account as it is now, or its row. */
const readAgain = async (
  context: Context,
  provider: ServiceProvider,
  { item, pick }: Picked[number],
): Promise<Picked[number] | ImportRow> => {
  const { remoteId } = pick;
  const title = titleOf(accountIn(item));
  const failed = (error: string): ImportRow => ({ remoteId, result: "failed", error });
  return reading(context, `Reading account ${title} failed`, async () => {
    try {
      const account = await provider.readUser(remoteId);
      if (!account) return failed(`Account ${title} is no longer at the service provider. Scan again.`);
      const { shown, tooLong } = toAccount(context.integration, account);
      const data = { ...omit(item.data, "tooLong"), shown, ...(tooLong && { tooLong }) };
      return { item: { ...item, data }, pick };
    } catch (error) {
      if (!(error instanceof ProviderFailure) || !ofOne.has(error.kind)) throw error;
      return failed(toFailure(error, `Reading account ${title} failed`).detail);
    }
  });
};

/** Failures that are about the account that was asked for, and not about the service provider. */
const ofOne: ReadonlySet<ProviderFailure["kind"]> = new Set(["rejected", "malformed"]);
