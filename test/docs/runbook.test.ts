import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, test } from "vitest";
import { endpoints } from "../../functions/index.ts";
import { attentionKinds } from "../../shared/model/attention.ts";
import { synthesize } from "../infra/support.ts";

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");
const runbook = read("docs/runbook.md");
const [, messages = ""] = /^## Messages\n([\s\S]*?)^## /m.exec(runbook) ?? [];
const [, alarms = ""] = /^## Alarms\n([\s\S]*)/m.exec(runbook) ?? [];
const headingsOf = (part: string) => [...part.matchAll(/^### (.+)$/gm)].map(([, heading]) => heading);
const commands = [...runbook.matchAll(/^ *```sh\n([\s\S]*?)^ *```$/gm)].map(([, code = ""]) => code).join("");
/** In blocks and in sentences alike. */
const calls = [
  ...runbook.matchAll(/usher (GET|PUT|POST|PATCH|DELETE) "?(\/[^\s"`]*)"?(?: '(\{.*\})')?/g),
].map(([call, method = "", address = "", body]) => {
  const [path = "", query = ""] = address
    .replaceAll(/\$\w+|USERID/g, "00000000-0000-7000-8000-000000000000")
    .split("?");
  return { call, method, path, query, body };
});

test("each kind of message has its section, the worst first, and nothing else has one", () => {
  expect(headingsOf(messages)).toEqual([...attentionKinds]);
});

describe("the stack", () => {
  let template: ReturnType<typeof synthesize>["template"];
  beforeAll(() => {
    template = synthesize().template;
  });

  test("has an alarm for each section and a section for each alarm, where its description says", () => {
    const described = Object.entries(template.findResources("AWS::CloudWatch::Alarm")).map(
      ([id, { Properties }]) => ({ name: id.slice(0, -8), text: String(Properties.AlarmDescription) }),
    );
    expect(headingsOf(alarms).toSorted()).toEqual(described.map(({ name }) => name).toSorted());
    const anchors = headingsOf(alarms).map((heading) => `docs/runbook.md#${heading?.toLowerCase()}`);
    for (const { text } of described) expect(anchors).toContain(/docs\/runbook\.md#\S+$/.exec(text)?.[0]);
  });

  test("has each output that a command asks for", () => {
    const asked = [...runbook.matchAll(/\$\(out (\w+)\)/g)].map(([, name]) => name ?? "");
    expect(asked.length).toBeGreaterThan(2);
    for (const name of asked) expect(Object.keys(template.findOutputs("*"))).toContain(name);
  });
});

test("each call is one that there is, with a query and a body that it takes", () => {
  expect(calls.length).toBeGreaterThan(25);
  for (const { call, method, path, query, body } of calls) {
    const endpoint = endpoints.find(
      (one) =>
        one.method === method && new RegExp(`^${one.path.replaceAll(/\{\w+\}/g, "[^/]+")}$`).test(path),
    );
    expect(endpoint, call).toBeDefined();
    if (query)
      expect(endpoint?.query?.safeParse(Object.fromEntries(new URLSearchParams(query))), call).toMatchObject({
        success: true,
      });
    if (body)
      expect(endpoint?.body?.safeParse(JSON.parse(body.replace(`'"$NEW_TOKEN"'`, "x"))), call).toMatchObject({
        success: true,
      });
  }
});

test("the query of each call is in the order that its signature is made of, which not every curl sees to", () => {
  for (const { call, query } of calls) {
    const names = [...new URLSearchParams(query).keys()];
    expect(names, call).toEqual(names.toSorted());
  }
});

test("each query of the log asks for lines and Lambdas that there are", () => {
  const asked = [...runbook.matchAll(/message = "([\w-]+)"/g)].map(([, message]) => message ?? "");
  const lines = read("docs/operations.md");
  expect(asked.length).toBeGreaterThan(10);
  for (const message of asked) expect(lines).toContain(`\n| \`${message}\` |`);
  for (const [, name] of runbook.matchAll(/function = "([\w-]+)"/g))
    expect(read(`functions/${name}.ts`)).toContain(`function: "${name}"`);
});

test("each graph that it points to is on the dashboard", () => {
  const named = [...runbook.matchAll(/"([^"\n]+)"(?: on the dashboard|, "[^"\n]+" on the dashboard)/g)];
  const shown = [...runbook.matchAll(/Dashboard: ((?:"[^"]+"(?:, )?)+)/g)].flatMap(
    ([, all = ""]) => all.match(/[^",][^"]+(?=")/g) ?? [],
  );
  const graphs = [...named.map(([, title = ""]) => title), ...shown.filter((title) => title !== ", ")];
  expect(graphs.length).toBeGreaterThan(5);
  for (const title of graphs) expect(read("infra/dashboard.ts")).toContain(`"${title}"`);
});

test("each link leads to a section", () => {
  const links = [...runbook.matchAll(/\]\(([\w./-]*)#([\w-]+)\)/g)];
  expect(links.length).toBeGreaterThan(20);
  for (const [link, file, anchor] of links) {
    const target = file ? read(`docs/${file}`) : runbook;
    const anchors = [...target.matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) =>
      heading
        .toLowerCase()
        .replaceAll(/[^\w -]/g, "")
        .replaceAll(" ", "-"),
    );
    expect(anchors, link).toContain(anchor);
  }
});

test("no command carries a comment, which zsh would take for words of the command", () => {
  expect(commands.split("\n").filter((line) => /(^|\s)# /.test(line))).toEqual([]);
});
