/**
 * Grants that no story here needs, each with the reason why it is there all the same. `of` are Lambdas, or the sets of
 * `functions/state-access.ts` that several share.
 */
export const exceptions: { of: string[]; grant: string; reason: string }[] = [
  {
    of: [
      ...["provisioningState", "savedUserState", "savedGroupState", "dispatchchanges", "recoverattempts"],
      "adoptsourceobjects",
      "scim",
    ],
    grant: "dynamodb:DeleteItem table/StateTable groups",
    reason:
      "Clears what is left in a group of which more than 25 changes were cut off (test/stores/group-store).",
  },
  {
    of: ["adoptsourceobjects"],
    grant: "dynamodb:PutItem table/StateTable groups",
    reason: "The same, of members.",
  },
  {
    of: ["adoptsourceobjects"],
    grant: "dynamodb:Query table/StateTable groups",
    reason:
      "Reads who joined and left, where the event of the change before is still missing (test/recovery).",
  },
  {
    of: ["provisioningState", "recoverattempts"],
    grant: "dynamodb:GetItem table/StateTable rates",
    reason:
      "Tells when the next slot is free where none is left within the time of the call (test/stores/rate-budget-store).",
  },
  {
    of: ["activateintegration"],
    grant: "secretsmanager:DescribeSecret secret:usher/usher/integrations/*",
    reason:
      "Tells whether a secret that is there already is this attempt's, after a lost reply (test/stores/secret-store).",
  },
  {
    of: ["dispatchchanges"],
    grant: "dynamodb:ListStreams table/StateTable/stream/2026-01-01T00:00:00.000",
    reason: "Lambda refuses a role without it when the trigger is made.",
  },
  {
    of: ["reporttampering"],
    grant: "dynamodb:ListStreams table/EventsTable/stream/2026-01-01T00:00:00.000",
    reason: "The same.",
  },
  {
    of: ["reporttampering"],
    grant: "sqs:SendMessage DeadLetters",
    reason: "Lambda tells of records that could not be taken, as it does for the dispatch here.",
  },
  {
    of: ["dispatchchanges", "recoverattempts"],
    grant: "dynamodb:BatchWriteItem table/StateTable users",
    reason: "Marks who joins by a change of a group that took longer than its call (test/scenarios/groups).",
  },
  {
    of: ["drainintegration"],
    grant: "sqs:SendMessage WakeUps",
    reason: "A worker whose 90 s are over wakes the next one.",
  },
  {
    of: ["recoverattempts"],
    grant: "dynamodb:GetItem table/StateTable claims",
    reason: "Tells whose the account is, where another user has claimed it meanwhile (test/recovery).",
  },
  {
    of: ["watchintegrations"],
    grant: "dynamodb:DeleteItem table/StateTable notices",
    reason: "Takes away what was told of what has been over for half a minute (test/stores/notice-store).",
  },
];
