import type { Automatic } from "./automatic.ts";
import { createChance } from "./chance.ts";
import { createProcess, type Process } from "./process.ts";
import { createWorkers } from "./workers.ts";
import type { Defect, World } from "./world.ts";

/** From now on the service works by itself in this world. */
export const beginAutomatic = (world: World, automatic: Automatic, defect: Defect): void => {
  const own = createChance(automatic.chance + 1);
  let born = 0;
  const bear = (name: string): Process => {
    born += 1;
    return createProcess(world, `${name}.${born}`, { seed: own.seed(), defect });
  };
  const { poison } = automatic;
  if (poison) {
    const { user, kind } = poison;
    world.poison = { userId: world.userId(user), email: world.email(`u${user}`), kind };
  }
  world.workers = createWorkers(world, automatic, bear);
  world.workers.start();
  world.slowness = automatic.slowness;
};
