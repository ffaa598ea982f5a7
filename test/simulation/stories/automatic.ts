import type { Story } from "./story.ts";

const calm = { records: [], wakeUps: [], runs: [], stops: [], sweeps: [], jumps: [] };

/** Of the automatic work: what meets a call, or a worker that dies. */
export const automaticStories: readonly Story[] = [
  [
    "who is deleted and assigned again at once stays assigned, although the service carries the deletion on beside the call",
    {
      target: "late-writer",
      policies: { onUserUnassigned: "deprovision", onUserDeleted: "delete" },
      chance: 3815966338,
      rounds: [
        [{ what: { do: "assign", user: 0 }, process: 1, chance: 3468969454 }],
        [{ what: { do: "gone", user: 0 }, process: 1, chance: 1710238942 }],
        [{ what: { do: "assign", user: 0, edit: "activate", n: 3 }, process: 0, chance: 509790739 }],
      ],
      automatic: { chance: 2777293109, slowness: 20, ...calm },
    },
  ],
  [
    "a user whose first attempt was withdrawn, since the credentials are refused, is found again",
    {
      target: "generic",
      policies: { onUserUnassigned: "delete", onUserDeleted: "delete" },
      chance: 1845580204,
      rounds: [
        [{ what: { do: "bind", group: 0, variant: "a", members: [3] }, process: 1, chance: 3112054594 }],
        [{ what: { do: "rotate" }, process: 1, chance: 995994024 }],
        [{ what: { do: "bind", group: 2, variant: "a", members: [1, 0] }, process: 1, chance: 2950283821 }],
      ],
      automatic: { chance: 2100879828, slowness: 1, ...calm },
    },
  ],
  [
    "a group that is bound again, and one of whose members is refused, is at rest until that one is tried again",
    {
      target: "member-lax",
      policies: { onUserUnassigned: "delete", onUserDeleted: "deprovision" },
      chance: 1299759250,
      rounds: [
        [{ what: { do: "assign", user: 0 }, process: 0, chance: 1118428376 }],
        [{ what: { do: "bind", group: 2, variant: "a", members: [0] }, process: 0, chance: 1483504161 }],
        [{ what: { do: "unbind", group: 2 }, process: 1, chance: 2521823560 }],
        [
          {
            what: { do: "bind", group: 2, variant: "a", members: [2, 5] },
            process: 1,
            chance: 1956329767,
            network: [{ nth: 5, kind: "reset-before" }],
          },
        ],
      ],
      automatic: {
        chance: 3929495844,
        slowness: 8,
        records: [],
        wakeUps: [],
        runs: [],
        stops: [],
        sweeps: [],
        jumps: [],
      },
    },
  ],
];
