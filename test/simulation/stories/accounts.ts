import type { Story } from "./story.ts";

/** Of accounts: who has one, and what is known of it once calls fail, die or meet. */
export const accountStories: readonly Story[] = [
  [
    "what a lost creation sent is cleared, although the call that found the account was cut off and nobody could be asked",
    {
      target: "etag",
      policies: { onUserUnassigned: "delete", onUserDeleted: "delete" },
      chance: 2808507898,
      rounds: [
        [
          {
            what: { do: "bind", group: 2, variant: "b", members: [2] },
            process: 0,
            chance: 76652592,
            network: [
              { nth: 2, kind: "reply-lost" },
              { nth: 0, kind: "unconnected" },
              { nth: 3, kind: "truncated", times: 4 },
            ],
          },
        ],
        [
          {
            what: { do: "unassign", user: 2, action: "delete" },
            process: 1,
            chance: 3617220838,
            store: [{ nth: 8, times: 4, kind: "refused" }],
          },
        ],
        [
          { what: { do: "rotate" }, process: 1, chance: 662459087 },
          { what: { do: "assign", user: 2, edit: "clear", n: 5 }, process: 1, chance: 321015654 },
        ],
      ],
    },
  ],
  [
    "a change whose reply was lost before its repeat was 501 is taken back once another value is wanted",
    {
      target: "flaky",
      policies: { onUserUnassigned: "deprovision", onUserDeleted: "delete" },
      chance: 852354844,
      rounds: [
        [{ what: { do: "bind", group: 1, variant: "a", members: [0, 3] }, process: 1, chance: 863235648 }],
        [{ what: { do: "assign", user: 0, edit: "shared e-mail", n: 0 }, process: 0, chance: 1329665373 }],
        [{ what: { do: "remap", title: "Fixed" }, process: 1, chance: 4114653896 }],
        [
          {
            what: { do: "bind", group: 2, variant: "b", members: [] },
            process: 0,
            chance: 1415893704,
            store: [{ nth: 6, kind: "death-before" }],
          },
        ],
        [
          {
            what: { do: "unbind", group: 1, action: "delete" },
            process: 0,
            chance: 1632436013,
            network: [
              { nth: 2, times: 6, kind: "cut" },
              { nth: 6, times: 5, kind: "501" },
              { nth: 0, kind: "429-seconds" },
            ],
          },
        ],
        [{ what: { do: "remap" }, process: 1, chance: 367377278 }],
      ],
    },
  ],
  [
    "a value that a PUT ignored, and that no answer shows, is sent by PATCH",
    {
      target: "mixed",
      policies: { onUserUnassigned: "deprovision", onUserDeleted: "deprovision" },
      chance: 2154979831,
      rounds: [
        [{ what: { do: "bind", group: 0, variant: "a", members: [2] }, process: 1, chance: 4209479547 }],
        [{ what: { do: "assign", user: 3, edit: "other e-mail", n: 9 }, process: 0, chance: 152194584 }],
        [{ what: { do: "assign", user: 2, edit: "manager", n: 3 }, process: 0, chance: 467058083 }],
      ],
      switches: { discoveryLies: true, putKeeps: "everything" },
    },
  ],
  [
    "a user whose account a deactivation destroyed gets a new one, also where recovery ended the attempt",
    {
      target: "pagerduty",
      policies: { onUserUnassigned: "none", onUserDeleted: "delete" },
      chance: 1514790121,
      rounds: [
        [{ what: { do: "bind", group: 0, variant: "a", members: [0] }, process: 0, chance: 3057727709 }],
        [
          {
            what: { do: "unassign", user: 0, action: "deprovision" },
            process: 0,
            chance: 785626929,
            store: [{ nth: 5, times: 3, kind: "reply-lost" }],
          },
        ],
        [{ what: { do: "assign", user: 0, n: 6 }, process: 1, chance: 949744374 }],
      ],
    },
  ],
  [
    "a new secret is taken where the accounts that are linked were deleted by attempts that nobody could end",
    {
      target: "generic",
      policies: { onUserUnassigned: "delete", onUserDeleted: "delete" },
      chance: 2209646521,
      rounds: [
        [{ what: { do: "bind", group: 0, variant: "a", members: [3] }, process: 1, chance: 2144429977 }],
        [
          {
            what: { do: "change", group: 0, add: [1], remove: [] },
            process: 1,
            chance: 1113378199,
            network: [{ nth: 1, kind: "death-before" }],
          },
        ],
        [
          {
            what: { do: "unassign", user: 3 },
            process: 1,
            chance: 1060139302,
            store: [{ nth: 7, kind: "refused" }],
          },
        ],
        [{ what: { do: "rotate" }, process: 0, chance: 558452200 }],
      ],
    },
  ],
  [
    "a user whose account a deletion of unknown outcome removed gets a new one",
    {
      target: "generic",
      policies: { onUserUnassigned: "delete", onUserDeleted: "delete" },
      chance: 5,
      rounds: [
        [{ what: { do: "assign", user: 3 }, process: 0, chance: 1 }],
        [{ what: { do: "pass", seconds: 90 }, process: 0, chance: 1 }],
        [
          {
            what: { do: "unassign", user: 3, action: "delete" },
            process: 0,
            chance: 2,
            network: [
              { nth: 0, kind: "500-after" },
              { nth: 1, kind: "500-before", times: 12 },
            ],
          },
        ],
        [{ what: { do: "assign", user: 3 }, process: 0, chance: 3 }],
      ],
    },
  ],
  [
    "a claim made to adopt an account does not outlive its call",
    {
      target: "gitlab",
      policies: { onUserUnassigned: "delete", onUserDeleted: "deprovision" },
      chance: 4220860714,
      rounds: [
        [
          {
            what: { do: "assign", user: 1, edit: "odd letters", n: 3 },
            process: 1,
            chance: 2541542996,
            store: [{ nth: 3, times: 6, kind: "slow" }],
          },
        ],
        [{ what: { do: "unassign", user: 1, action: "delete" }, process: 1, chance: 3010685987 }],
      ],
    },
  ],
  [
    "what an adoption of unknown outcome sent is cleared once it is no longer wanted",
    {
      target: "flaky",
      policies: { onUserUnassigned: "delete", onUserDeleted: "deprovision" },
      chance: 2355716701,
      rounds: [
        [
          {
            what: { do: "assign", user: 1, n: 0 },
            process: 0,
            chance: 470213377,
            network: [{ nth: 1, kind: "death-after" }],
          },
        ],
        [{ what: { do: "rotate" }, process: 1, chance: 260918363 }],
        [{ what: { do: "save", user: 1, edit: "clear", n: 6 }, process: 0, chance: 821590986 }],
      ],
    },
  ],
  [
    "a link tells no other outcome than the event that was written before its attempt was cut off",
    {
      target: "generic",
      policies: { onUserUnassigned: "deprovision", onUserDeleted: "delete" },
      chance: 1,
      rounds: [
        [
          {
            what: { do: "assign", user: 3 },
            process: 1,
            chance: 7,
            store: [{ nth: 9, times: 2, kind: "refused" }],
            network: [
              { nth: 1, kind: "500-after" },
              { nth: 2, times: 9, kind: "500-before" },
            ],
          },
        ],
      ],
    },
  ],
  [
    "an account whose deactivation destroyed it, and whose claim was given up, is claimed again while it stays linked",
    {
      target: "gitlab",
      policies: { onUserUnassigned: "delete", onUserDeleted: "delete" },
      chance: 4022101034,
      rounds: [
        [{ what: { do: "assign", user: 3 }, process: 1, chance: 2307888124 }],
        [
          {
            what: { do: "unassign", user: 3, action: "deprovision" },
            process: 0,
            chance: 2280920601,
            store: [{ nth: 6, kind: "death-before" }],
          },
        ],
        [{ what: { do: "assign", user: 3, n: 4 }, process: 0, chance: 5955934 }],
        [{ what: { do: "rotate" }, process: 1, chance: 3824183475 }],
      ],
    },
  ],
  [
    "an account that was created and claimed is looked for, where neither its link nor its abandoned attempt was saved",
    {
      target: "member-lax",
      policies: { onUserUnassigned: "deprovision", onUserDeleted: "delete" },
      chance: 1271805931,
      rounds: [
        [{ what: { do: "assign", user: 3 }, process: 1, chance: 1442544285 }],
        [
          {
            what: { do: "assign", user: 5, edit: "manager", n: 4 },
            process: 1,
            chance: 3172864443,
            store: [{ nth: 9, times: 2, kind: "refused" }],
          },
        ],
        [{ what: { do: "unassign", user: 5 }, process: 1, chance: 2163690395 }],
        [{ what: { do: "rotate" }, process: 1, chance: 2269057451 }],
      ],
    },
  ],
  [
    "an account whose event tells of its creation is looked for, where recovery is refused",
    {
      target: "wso2-dup500",
      policies: { onUserUnassigned: "none", onUserDeleted: "deprovision" },
      chance: 2637609763,
      rounds: [
        [
          {
            what: { do: "assign", user: 2, edit: "clear", n: 2 },
            process: 0,
            chance: 3659421799,
            store: [{ nth: 9, kind: "death-before" }],
          },
        ],
        [{ what: { do: "unassign", user: 2 }, process: 0, chance: 1769651344 }],
        [{ what: { do: "rotate" }, process: 1, chance: 3783966372 }],
        [{ what: { do: "leave", user: 2 }, process: 1, chance: 7 }],
      ],
    },
  ],
  [
    "one whom a call let go of, and whom another had pushed meanwhile, is held again once they join",
    {
      target: "relative-redirect",
      policies: { onUserUnassigned: "delete", onUserDeleted: "deprovision" },
      chance: 3016211980,
      rounds: [
        [{ what: { do: "bind", group: 2, variant: "a", members: [] }, process: 0, chance: 3430063850 }],
        [
          {
            what: { do: "assign", user: 1, edit: "other e-mail", n: 5 },
            process: 0,
            chance: 2878112392,
            store: [{ nth: 6, kind: "death-after" }],
          },
        ],
        [
          { what: { do: "bind", group: 2, variant: "a", members: [1] }, process: 0, chance: 3098693464 },
          { what: { do: "change", group: 2, add: [2], remove: [] }, process: 1, chance: 3485331216 },
        ],
        [{ what: { do: "change", group: 2, add: [2], remove: [] }, process: 0, chance: 3024487767 }],
      ],
    },
  ],
  [
    "an account that was found to be taken away is opened for its user who comes back, where nobody could look what it shows",
    {
      target: "slack",
      policies: { onUserUnassigned: "delete", onUserDeleted: "delete" },
      chance: 900935329,
      rounds: [
        [
          {
            what: { do: "assign", user: 1, edit: "manager", n: 9 },
            process: 1,
            chance: 3486186917,
            network: [{ nth: 0, times: 3, kind: "html" }],
          },
        ],
        [
          {
            what: { do: "leave", user: 1 },
            process: 0,
            chance: 3848209427,
            store: [{ nth: 15, kind: "death-after" }],
          },
        ],
        [{ what: { do: "assign", user: 1, edit: "manager", n: 7 }, process: 0, chance: 2871437815 }],
        [{ what: { do: "rotate" }, process: 0, chance: 2145237412 }],
      ],
    },
  ],
  [
    "an assignment that could not be saved while the credentials are refused is not told as if it went on by itself",
    {
      target: "liar",
      policies: { onUserUnassigned: "deprovision", onUserDeleted: "deprovision" },
      chance: 2177749099,
      rounds: [
        [{ what: { do: "rotate" }, process: 1, chance: 1379895441 }],
        [{ what: { do: "bind", group: 0, variant: "b", members: [4] }, process: 0, chance: 300300969 }],
        [
          {
            what: { do: "assign", user: 0, n: 2 },
            process: 1,
            chance: 3940516483,
            store: [{ nth: 5, kind: "refused" }],
          },
        ],
      ],
    },
  ],
  [
    "one whose leaver call died is taken out as leavers are",
    {
      target: "late-writer",
      policies: { onUserUnassigned: "none", onUserDeleted: "delete" },
      chance: 3202953582,
      rounds: [
        [{ what: { do: "assign", user: 3 }, process: 0, chance: 4032080961 }],
        [
          {
            what: { do: "leave", user: 3 },
            process: 0,
            chance: 1567672363,
            store: [{ nth: 10, kind: "death-before" }],
          },
        ],
        [{ what: { do: "unassign", user: 3 }, process: 0, chance: 3189806490 }],
      ],
    },
  ],
  [
    "a new secret is taken where the only account that is linked was deleted, and hidden, by a provider whose DELETE deactivates",
    {
      target: "mixed",
      policies: { onUserUnassigned: "deprovision", onUserDeleted: "delete" },
      chance: 186577849,
      rounds: [
        [{ what: { do: "bind", group: 0, variant: "a", members: [2] }, process: 1, chance: 684600 }],
        [
          { what: { do: "unassign", user: 2, action: "delete" }, process: 1, chance: 555253 },
          { what: { do: "rotate" }, process: 0, chance: 18225284 },
        ],
        [{ what: { do: "unassign", user: 2, action: "deprovision" }, process: 0, chance: 21303844 }],
      ],
      switches: { deleteDeactivates: "then404" },
    },
  ],
];
