/**
 * Lambdas that work through whole groups. The largest input took 234 MB of RSS (docs/decisions/0018-limits-of-aws.md), so it
 * is the share of a processor that counts, which comes with the memory: 1,769 MB are one. Ten thousand members cost 3 to 5
 * seconds of a whole one, and a call has 25.
 */
const ofWholeGroups: ReadonlySet<string> = new Set([
  "save-group",
  "change-saved-members",
  "delete-group",
  "provision-group",
  "change-group-members",
  "unbind-group",
  "scim",
  "dispatch-changes",
  "drain-integration",
  "recover-attempts",
]);

/** MB. Less than 512 would save nothing: a start takes 0.2 s of a processor, which is 0.7 s at 512 MB and 1.4 s at 256. */
export const memoryOf = (name: string): number => (ofWholeGroups.has(name) ? 1_024 : 512);
