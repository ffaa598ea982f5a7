import { forgetsTheApproved, takesWhatIsKept } from "./planted-in-holds.ts";
import {
  forgetsWhatCameMeanwhile,
  marksNoAssignment,
  marksOnce,
  sweepsNoChanges,
} from "./planted-in-marks.ts";
import { forgetsTheCreated, forgetsTheLeaver, trustsTheLost, withProvider } from "./planted-in-provider.ts";
import {
  forgetsTheMark,
  goesOnRefused,
  leaksTheSecret,
  letsTwoCreate,
  settlesLate,
  writesTwice,
} from "./planted-in-stores.ts";
import type { TargetName } from "./targets.ts";
import type { Defect } from "./world.ts";

/** Faults of the service, planted in its ports: what the simulation is for. Each breaks one promise. */
type Planted = {
  defect: Defect;
  /** Where it does harm. */
  target: TargetName;
  /** How the simulation tells it. */
  told: RegExp;
  /** Calls on demand do not show it. */
  isAutomatic?: true;
};

export const defects = {
  "forgets an account whose claim failed behind the 201": {
    defect: forgetsTheCreated,
    target: "generic",
    told: /the provider answered 201/,
  },
  "counts a lost PATCH as done": {
    defect: trustsTheLost,
    target: "generic",
    told: /the account is active|still has|lacks| and not /,
  },
  "lets two processes create": {
    defect: letsTwoCreate,
    target: "late-writer",
    told: /two Users named|two accounts of/,
  },
  "forgets a leaver when a group fails": {
    defect: forgetsTheLeaver,
    target: "generic",
    told: /still has|never left the group/,
  },
  "writes an event twice": { defect: writesTwice, target: "generic", told: /is of no attempt/ },
  "forgets the event of a change that was cut off": {
    defect: forgetsTheMark,
    target: "generic",
    told: /and events tell of/,
  },
  "lets a late holder settle after a takeover": {
    defect: settlesLate,
    target: "generic",
    told: /its event does not/,
  },
  "creates without a look-up": {
    defect: withProvider(() => ({ findUsers: async () => [] })),
    target: "late-writer",
    told: /two Users named|two accounts of/,
  },
  "loses changes of members": {
    defect: withProvider(() => ({ changeMembers: async () => undefined })),
    target: "generic",
    told: /lacks/,
  },
  "leaves accounts open": {
    defect: withProvider(() => ({ patchUser: async () => ({ unconfirmed: [] }) })),
    target: "generic",
    told: /yet the account is active/,
  },
  "goes on with credentials that were refused": {
    defect: goesOnRefused,
    target: "generic",
    told: /after needs_reauth was recorded/,
  },
  "trusts the stream to lose nothing": {
    defect: sweepsNoChanges,
    target: "generic",
    told: /waits without a reason/,
    isAutomatic: true,
  },
  "forgets with an attempt what came to be done meanwhile": {
    defect: forgetsWhatCameMeanwhile,
    target: "generic",
    told: /nothing would find it/,
    isAutomatic: true,
  },
  "marks what is due but once": {
    defect: marksOnce,
    target: "generic",
    told: /nothing would find it/,
    isAutomatic: true,
  },
  "assigns without a mark of work": {
    defect: marksNoAssignment,
    target: "generic",
    told: /nothing would find it/,
    isAutomatic: true,
  },
  "lets go of whom the guard keeps": {
    defect: takesWhatIsKept,
    target: "generic",
    told: /what the guard keeps/,
    isAutomatic: true,
  },
  "forgets what was approved": {
    defect: forgetsTheApproved,
    target: "generic",
    told: /is held, and in no hold/,
    isAutomatic: true,
  },
  "writes a secret into an event": {
    defect: leaksTheSecret,
    target: "generic",
    told: /a secret is in events/,
  },
} as const satisfies Record<string, Planted>;
