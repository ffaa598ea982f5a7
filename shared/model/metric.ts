/** What a figure tells at a time: `count` of what happened, `spread` of values, or `level`, as it stands at that minute. */
type Kind = "count" | "spread" | "level";
type Dimension = "IntegrationId" | "Code";
type Description = { kind: Kind; unit: string; by?: Dimension; isOfAwsAlone?: true; text: string };

/** Where CloudWatch has the figures, and the dimension that all of them bear: the name of the stack. */
export const metricNamespace = "Usher";
export const stackDimension = "service";

/**
 * Everything that is measured. `unit` as CloudWatch spells it; `by` is a dimension beside the name of the stack, for which
 * the figure is told once more. In the local run nobody tells what `isOfAwsAlone`. No figure bears a name, an address or
 * anything else of a person.
 */
export const metrics = {
  Attempts: { kind: "count", unit: "Count", text: "Attempts that ended, each with its event." },
  Failures: { kind: "count", unit: "Count", by: "Code", text: "Attempts that failed, by error code." },
  ProviderLatency: { kind: "spread", unit: "Milliseconds", text: "Time to a service provider's answer." },
  ProviderThrottles: { kind: "count", unit: "Count", text: "Answers of service providers that ask to wait." },
  AccessOpen: {
    kind: "level",
    unit: "Count",
    by: "IntegrationId",
    text: "Removals that were asked for and are not confirmed in time.",
  },
  OldestDue: {
    kind: "level",
    unit: "Seconds",
    by: "IntegrationId",
    text: "How long the oldest work that is due has waited.",
  },
  Quarantined: {
    kind: "level",
    unit: "Count",
    by: "IntegrationId",
    text: "Integrations whose service provider fails whatever is sent.",
  },
  NeedsReauth: { kind: "level", unit: "Count", text: "Integrations whose credentials are refused." },
  HoldsWaiting: { kind: "level", unit: "Count", text: "Holds of the guard that wait for a decision." },
  CredentialsExpiring: { kind: "level", unit: "Count", text: "Integrations whose credentials end soon." },
  TokensRefused: {
    kind: "count",
    unit: "Count",
    text: "Requests to SCIM in without a token that is known and in force.",
  },
  EventsTampered: {
    kind: "count",
    unit: "Count",
    isOfAwsAlone: true,
    text: "Events that were changed, or removed before they expired.",
  },
} as const satisfies Record<string, Description>;
export type Metric = keyof typeof metrics;

/** One figure; `of` is the value of the metric's own dimension, absent for the figure over all. */
export type Measure = { metric: Metric; value: number; of?: string };

/** The dimension that `of` is a value of; undefined where the metric has none. */
export const dimensionOf = (metric: Metric): Dimension | undefined => {
  const described = metrics[metric];
  return "by" in described ? described.by : undefined;
};
