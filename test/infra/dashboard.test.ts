import { expect, test } from "vitest";
import { inner } from "../../infra/usher-stack.ts";
import { dimensionOf, type Metric, metrics } from "../../shared/model/metric.ts";
import { resourcesOf, sampleRoutes, synthesize } from "./support.ts";

type Widget = {
  type: string;
  width: number;
  x: number;
  properties: { title?: string; markdown?: string; metrics?: unknown[][]; alarms?: string[] };
};

const { template } = synthesize({ stage: "prod" });
const [{ Properties: dashboard = {} } = {}] = Object.values(
  template.findResources("AWS::CloudWatch::Dashboard"),
);

/** The body as CloudWatch gets it, with a name in place of what CloudFormation fills in. */
const [, parts] = dashboard.DashboardBody["Fn::Join"] as [string, unknown[]];
const nameOf = (part: unknown): string =>
  JSON.stringify(Object.values(part as object)[0]).replaceAll(/[^\w.:]/g, "");
const widgets: Widget[] = JSON.parse(
  parts.map((part) => (typeof part === "string" ? part : nameOf(part))).join(""),
).widgets;
const shown = widgets.flatMap(({ properties }) => properties.metrics ?? []);

test("is named after stack and region, since names hold for all regions of an account", () => {
  expect(dashboard.DashboardName).toEqual({
    "Fn::Join": ["", ["usher-prod-", { Ref: "AWS::Region" }]],
  });
});

test("shows every figure of the service, of this stack alone", () => {
  const own = shown.filter(([namespace]) => namespace === "Usher");
  for (const [, , dimension, service] of own) expect([dimension, service]).toEqual(["service", "usher-prod"]);
  expect(new Set(own.map(([, name]) => name))).toEqual(new Set(Object.keys(metrics)));
});

test("shows what has a dimension of its own by each value of it", () => {
  const searches = shown.flatMap((one) => (one[0] as { expression?: string }).expression ?? []);
  const expected = (Object.keys(metrics) as Metric[])
    .filter((name) => dimensionOf(name) !== undefined)
    .map(
      (name) =>
        `SEARCH('{Usher,service,${dimensionOf(name)}} MetricName="${name}" service="usher-prod"', '${metrics[name].kind === "count" ? "Sum" : "Maximum"}', 300)`,
    );
  expect(searches.sort()).toEqual(expected.sort());
});

test("shows errors, throttles and the longest run of every Lambda, by its name", () => {
  const names = [...sampleRoutes.map(({ name }) => name), ...inner].sort();
  for (const title of ["Lambda: errors", "Lambda: throttles", "Lambda: longest run (ms)"]) {
    const lines = widgets.find(({ properties }) => properties.title === title)?.properties.metrics ?? [];
    expect(lines.map((line) => (line.at(-1) as { label: string }).label).sort()).toEqual(names);
  }
});

test("shows the state of every alarm", () => {
  const [status] = widgets.filter(({ type }) => type === "alarm");
  const count = Object.values(resourcesOf(template)).filter(
    ({ Type }) => Type === "AWS::CloudWatch::Alarm",
  ).length;
  expect(status?.properties.alarms).toHaveLength(count);
});

test("leads to the logs, the dead letters and the events", () => {
  const [text = ""] = widgets.flatMap(({ properties }) => properties.markdown ?? []);
  const links = [...text.matchAll(/\[([^\]]+)\]\(([^)\s]+)\)/g)];
  expect(links.map(([, name]) => name)).toEqual(["Logs", "Dead letters", "Events"]);
  for (const [, , url = ""] of links)
    expect(url).toMatch(/^https:\/\/AWS::Region\.console\.aws\.amazon\.com\//);
});

test("is left out where nobody wants it", () => {
  synthesize({ dashboard: "false" }).template.resourceCountIs("AWS::CloudWatch::Dashboard", 0);
});

test("fills its rows", () => {
  for (const { x, width } of widgets) expect(x + width).toBeLessThanOrEqual(24);
});
