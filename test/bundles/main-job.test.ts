import { checkPrivileges } from "./privileges.ts";
import { attentionStories } from "./stories/attention.ts";
import { deployStories } from "./stories/deploy.ts";
import { directoryStories } from "./stories/directory.ts";
import { gatewayStories } from "./stories/gateway.ts";
import { holdStories } from "./stories/holds.ts";
import { lifecycleStories } from "./stories/lifecycle.ts";
import { provisioningStories } from "./stories/provisioning.ts";
import { recoveryStories } from "./stories/recovery.ts";
import { smokeStories } from "./stories/smoke.ts";
import { tamperingStories } from "./stories/tampering.ts";
import { tokenStories } from "./stories/tokens.ts";
import { useWorld } from "./world.ts";

// In this order: what was needed of the grants is compared at the end.
const world = useWorld();
smokeStories(world);
directoryStories(world);
gatewayStories(world);
tokenStories(world);
deployStories(world);
provisioningStories(world);
lifecycleStories(world);
holdStories(world);
attentionStories(world);
recoveryStories(world);
tamperingStories(world);
checkPrivileges(world);
