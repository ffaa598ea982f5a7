import { checkHolds, isAnyAsked } from "./check-holds.ts";
import { checkNothingLost, checkNothingWaits } from "./check-work.ts";
import type { Model } from "./model.ts";
import { observe } from "./observe.ts";
import { checkAll, fail, mustCome } from "./scenario.ts";
import type { Owner } from "./scheduler.ts";
import { waitingIn } from "./waiting.ts";
import type { World } from "./world.ts";

const nobody: Owner = { name: "nobody", isAlive: true };
const hourMs = 3_600_000;
/** What was refused is tried again within a day: twice, and what waits for that. */
const mostHours = 75;
const mostDecisions = 40;

/**
 * The faults stop, and a stopped integration gets its token. Nobody calls any more: the service alone makes every provider
 * what the directory says. Then all is checked.
 */
export const comeToRest = async (world: World, model: Model): Promise<void> => {
  const { scheduler } = world;
  const rest = (ms: number) => scheduler.run(scheduler.sleep(ms, nobody));
  world.isCalm = true;
  world.log.push("the faults stop");
  // Leases end, and what calls had left under way comes to rest.
  await rest(120_000);
  const row = await world.look.integrations.read(world.integrationId);
  if (row?.integration?.status === "needs_reauth" || world.secrets.size > 1)
    await mustCome(world, { do: "reauth", isRight: true });
  const busy = () => waitingIn(world).length > 0 || world.workers?.running() !== 0;
  // An index lags by some seconds, and a minute goes by until the next sweep.
  const comeToEnd = async () => {
    for (let hours = 0; hours < mostHours && (busy() || hours === 0); hours += 1) await rest(hourMs);
    world.log.push("all is at rest");
    const now = await observe(world, model);
    fail(world, [
      ...world.watch.problems.splice(0),
      ...checkNothingLost(world),
      ...checkNothingWaits(world),
      ...(await checkHolds(world)),
      ...(await checkAll(world, now)),
    ]);
  };
  await comeToEnd();
  // What one approval lets go may be the next one's to ask for.
  for (let times = 0; await isAnyAsked(world); times += 1) {
    if (times === mostDecisions) fail(world, ["there is always another hold"]);
    const verdict = (world.log.length + times) % 3 === 0 ? "rejected" : "approved";
    await mustCome(world, { do: "decide", verdict, hold: times });
    if (!(await isAnyAsked(world))) await comeToEnd();
  }
};
