import { expect, test } from "vitest";
import type { UserLink } from "../../../shared/model/link.ts";
import { isFree } from "../../../shared/provisioning/guard/free-losses.ts";
import type { Ports } from "../../../shared/provisioning/ports/ports.ts";
import { emptyMemory, openStores } from "../../memory/memory.ts";
import { makeIntegration } from "../../stores/samples.ts";

const integration = makeIntegration({ integrationId: "int" });

/** Ports over an integration with so many open accounts, and as many closed ones. */
const holding = (active: number): Ports => {
  const memory = emptyMemory();
  for (let at = 0; at < 2 * active; at += 1) {
    const id = `user-${at}`;
    memory.userLinks.set(`${id}#int`, {
      integrationId: "int",
      id,
      rev: 1,
      assignment: { direct: true, groups: [], excluded: false },
      observed: { attempts: 1, remoteId: `r-${at}`, pushed: { active: at < active } },
    } as UserLink);
  }
  return openStores(memory, async (_, apply) => apply(), Date.now) as unknown as Ports;
};

test.each([
  [0, 10, 20],
  [100, 10, 20],
  [105, 10, 21],
  [300, 30, 60],
  [500, 50, 100],
  [2_000, 50, 100],
])("of %i active accounts %i may go, or %i lose a group", async (active, accounts, groupOnly) => {
  const context = { ports: holding(active), integration };
  const freeOf = (losses: { accounts: number; groupOnly: number }) => isFree(context, losses);
  expect(await freeOf({ accounts, groupOnly })).toBe(true);
  expect(await freeOf({ accounts: accounts + 1, groupOnly: 0 })).toBe(false);
  expect(await freeOf({ accounts: 0, groupOnly: groupOnly + 1 })).toBe(false);
});
