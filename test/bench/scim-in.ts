import { fileURLToPath } from "node:url";
import { concurrently } from "../../shared/common/concurrently.ts";
import { mebibytes, median, ms, percentile, printTable } from "./figures.ts";
import type { Operation } from "./observe-store.ts";
import { fillSource, seedName } from "./scim-in-fill.ts";
import { type Feed, patchOf, type ScimStage, scimPerson, startScimStage } from "./scim-in-stage.ts";
import { makeFolder } from "./stage.ts";

const few = 100;
const lanes = 8;
const acts = 400;
const lookUps = 100;
const pageSize = 200;

type Row = (string | number)[];
/** What stays between the two runs over one folder. */
type Kept = { feed: Feed; modelId: string; groupId: string };

/**
 * What identity providers ask for, through HTTP: with a hundred users, then with `users`, who are written past the front and are
 * all in one group.
 */
export const scimIn = async (users = 100_000): Promise<void> => {
  const dataDir = makeFolder();
  const small = await startScimStage(dataDir);
  const kept = await begin(small);
  const rates = await ratesOf(small);
  const before = await figuresOf(small, kept, { group: 10 });
  const refused = await refusals(small);
  const pushed = await largePush(small);
  await small.close();

  const began = performance.now();
  await fillSource(dataDir, { ...kept, count: users });
  const seconds = (performance.now() - began) / 1000;
  const large = await startScimStage(dataDir);
  const after = await figuresOf(large, kept, { group: users });
  const pages = await pagesOf(large, kept.feed, users);
  const peak = await large.close();

  printTable(["with no work behind it", "measured", "aim"], [...rates, ...refused, ...pushed]);
  printTable(
    ["by key, and what it costs", `${few} users`, `${users} users`, "aim"],
    before.map(([name = "", value = ""], at) => [name, value, after[at]?.[1] ?? "", "the same"]),
  );
  printTable([`list of ${users} by cursor, ${pageSize} a page`, "ms", "read units"], pages);
  console.log(
    `${users} users were written in ${seconds.toFixed(0)} s; peak memory with them ${mebibytes(peak)}`,
  );
};

const begin = async (stage: ScimStage): Promise<Kept> => {
  const feed = await stage.makeFeed();
  const ids: string[] = [];
  for (let nth = 0; nth < few; nth += 1) {
    const name = nth === 0 ? seedName(0) : `first-${nth}`;
    ids.push(String((await stage.scim(feed, "POST", "/Users", scimPerson(name))).body.id));
  }
  const members = ids.slice(0, 10).map((value) => ({ value }));
  const group = { displayName: "Everybody", externalId: "external-everybody", members };
  const { body } = await stage.scim(feed, "POST", "/Groups", group);
  return { feed, modelId: String(ids[0]), groupId: String(body.id) };
};

/** By a source of its own, so that nothing of it counts elsewhere. */
const ratesOf = async (stage: ScimStage): Promise<Row[]> => {
  const feed = await stage.makeFeed();
  const ids: string[] = [];
  const all = Array.from({ length: acts }, (_, nth) => nth);
  const measure = async (width: number, work: (nth: number) => Promise<unknown>) => {
    const waits: number[] = [];
    const cpu = await stage.cpuMs();
    const began = performance.now();
    await concurrently(all, width, async (nth) => {
      const since = performance.now();
      await work(nth);
      waits.push(performance.now() - since);
    });
    const took = performance.now() - began;
    const cpuEach = ((await stage.cpuMs()) - cpu) / acts;
    return `${((acts * 1000) / took).toFixed(0)}/s, p50 ${ms(median(waits))} ms, p99 ${ms(percentile(waits, 0.99))} ms, ${ms(cpuEach)} ms of processor each`;
  };
  const create = (prefix: string) => async (nth: number) => {
    const { body } = await stage.scim(feed, "POST", "/Users", scimPerson(`${prefix}-${nth}`));
    ids.push(String(body.id));
  };
  const patch = (nth: number) =>
    stage.scim(
      feed,
      "PATCH",
      `/Users/${ids[nth]}`,
      patchOf({ op: "replace", path: "title", value: `T${nth}` }),
    );
  await measure(lanes, create("warm"));
  return [
    ["creates, one after the other", await measure(1, create("one")), "≥ 60/s, p50 < 40 ms"],
    [`creates, ${lanes} clients`, await measure(lanes, create("many")), "≥ 60/s"],
    [`PATCHes, ${lanes} clients`, await measure(lanes, patch), "≥ 100/s, p50 < 40 ms"],
  ];
};

const units = (operations: Operation[]): string => {
  const sum = (of: (one: Operation) => number) => operations.reduce((total, one) => total + of(one), 0);
  const written = sum(({ tableWriteUnits, indexWriteUnits }) => tableWriteUnits + indexWriteUnits);
  return `${operations.length} calls, ${sum(({ readUnits }) => readUnits)} read, ${written} written`;
};

/** Look-ups and one member more, in the same order at each size. */
const figuresOf = async (
  stage: ScimStage,
  { feed, groupId }: Kept,
  { group }: { group: number },
): Promise<Row[]> => {
  const filters = {
    "user by userName": `/Users?filter=${encodeURIComponent(`userName eq "${seedName(0)}@EXAMPLE.com"`)}`,
    "user by externalId": `/Users?filter=${encodeURIComponent(`externalId eq "external-${seedName(0)}"`)}`,
    "group by displayName": `/Groups?excludedAttributes=members&filter=${encodeURIComponent('displayName eq "everybody"')}`,
    "nobody by userName": `/Users?filter=${encodeURIComponent('userName eq "nobody@example.com"')}`,
  };
  const rows: Row[] = [];
  for (const [name, path] of Object.entries(filters)) {
    const find = async () => {
      const { body } = await stage.scim(feed, "GET", path);
      if (body.totalResults !== (name.startsWith("nobody") ? 0 : 1))
        throw new Error(`${name}: ${JSON.stringify(body)}`);
    };
    for (let nth = 0; nth < lookUps; nth += 1) await find();
    const waits: number[] = [];
    for (let nth = 0; nth < lookUps; nth += 1) {
      const since = performance.now();
      await find();
      waits.push(performance.now() - since);
    }
    rows.push([name, `p50 ${ms(median(waits))} ms, ${units(await stage.observe(find))}`]);
  }
  const { body } = await stage.scim(
    feed,
    "POST",
    "/Users",
    scimPerson(`joins-a-group-of-${String(group).padStart(6, "0")}`),
  );
  const add = patchOf({ op: "add", path: "members", value: [{ value: body.id }] });
  const joined = await stage.observe(() => stage.scim(feed, "PATCH", `/Groups/${groupId}`, add));
  rows.push(["one member more in a group of 10 / of all", units(joined)]);
  return rows;
};

/** The first pages, some in the middle and the last one. */
const pagesOf = async (stage: ScimStage, feed: Feed, users: number): Promise<Row[]> => {
  const rows: Row[] = [];
  const shown = new Set([0, 1, Math.floor(users / pageSize / 2), Math.floor(users / pageSize) - 1]);
  let seen = 0;
  let cursor: string | undefined = "";
  for (let nth = 0; cursor !== undefined; nth += 1) {
    const path: string = `/Users?count=${pageSize}&cursor=${encodeURIComponent(cursor)}`;
    const began = performance.now();
    const { body } = await stage.scim(feed, "GET", path);
    const took = performance.now() - began;
    seen += (body.Resources as unknown[]).length;
    if (shown.has(nth)) {
      const read = await stage.observe(() => stage.scim(feed, "GET", path));
      rows.push([`page ${nth + 1}`, ms(took), units(read)]);
    }
    cursor = body.nextCursor as string | undefined;
  }
  rows.push(["users on all pages", seen, ""]);
  return rows;
};

const perSecond = 100;
const refusedFor = 5;

/** Wrong tokens at a steady rate, beside none. */
const refusals = async (stage: ScimStage): Promise<Row[]> => {
  const wrong = { token: "a-token-that-opens-no-source-at-all-0000" };
  const refuse = async (token = wrong) => {
    const error = await stage.scim(token, "GET", "/Users").then(
      () => new Error("a wrong token was taken"),
      (thrown: unknown) => thrown as Error,
    );
    if (!/answered 401/.test(error.message)) throw error;
  };
  const one = await stage.observe(() => refuse());
  const noToken = await stage.observe(() => refuse({ token: "short" }));
  const before = countIn(await stage.metrics());
  const waits: number[] = [];
  const cpu = await stage.cpuMs();
  const began = performance.now();
  const sent: Promise<void>[] = [];
  for (let nth = 0; nth < perSecond * refusedFor; nth += 1) {
    const wait = began + (nth * 1000) / perSecond - performance.now();
    if (wait > 0) await new Promise((done) => setTimeout(done, wait));
    const since = performance.now();
    sent.push(
      refuse({ token: `a-token-that-opens-no-source-at-all-${nth}` }).then(
        () => void waits.push(performance.now() - since),
      ),
    );
  }
  await Promise.all(sent);
  const each = ((await stage.cpuMs()) - cpu) / sent.length;
  const counted = countIn(await stage.metrics()) - before;
  return [
    ["a wrong token", units(one), "1 call"],
    ["what cannot be a token", units(noToken), "none"],
    [
      `${perSecond} wrong tokens a second`,
      `p50 ${ms(median(waits))} ms, p99 ${ms(percentile(waits, 0.99))} ms, ${ms(each)} ms of processor each, ${counted} of ${sent.length} counted`,
      "constant, counted",
    ],
  ];
};

const countIn = (metrics: string): number =>
  Number(/^usher_tokens_refused\w* (\d+)/m.exec(metrics)?.[1] ?? 0);

const pushedMembers = 10_000;

/** A group whose members are all there, in one request. */
const largePush = async (stage: ScimStage): Promise<Row[]> => {
  const feed = await stage.makeFeed();
  const all = Array.from({ length: pushedMembers }, (_, nth) => nth);
  const ids: string[] = [];
  await concurrently(all, 16, async (nth) => {
    const { body } = await stage.scim(feed, "POST", "/Users", scimPerson(`pushed-${nth}`));
    ids.push(String(body.id));
  });
  const peak = await stage.peakBytes();
  const push = async (name: string, work: () => Promise<unknown>): Promise<Row> => {
    const began = performance.now();
    await work();
    const took = (performance.now() - began) / 1000;
    return [
      `${name} of ${pushedMembers} members`,
      `${took.toFixed(1)} s, peak ${mebibytes(peak)} before, ${mebibytes(await stage.peakBytes())} after`,
      "< 28 s",
    ];
  };
  const members = ids.map((value) => ({ value }));
  let id = "";
  return [
    await push("one push", async () => {
      id = String((await stage.scim(feed, "POST", "/Groups", { displayName: "Pushed", members })).body.id);
    }),
    await push("the same replace", () =>
      stage.scim(feed, "PATCH", `/Groups/${id}`, patchOf({ op: "replace", path: "members", value: members })),
    ),
    await push("one removal", () =>
      stage.scim(feed, "PATCH", `/Groups/${id}`, patchOf({ op: "remove", path: "members" })),
    ),
  ];
};

/** Alone: `node --expose-gc test/bench/scim-in.ts [USERS]`. */
if (process.argv[1] === fileURLToPath(import.meta.url)) await scimIn(Number(process.argv[2] ?? 100_000));
