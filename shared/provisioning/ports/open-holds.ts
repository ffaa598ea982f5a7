/** What the guard holds until somebody decides. `count`: people. `since`: Unix ms. */
export type OpenHold = { holdId: string; count: number; since: number };

/** The holds of an integration that nobody has decided yet. */
export type OpenHolds = (integrationId: string) => Promise<OpenHold[]>;
