import { expect, test } from "vitest";
import { aUser, type SourceAt, useScim } from "./use-scim.ts";

const usher = useScim();
const get = async (source: SourceAt, parameters: Record<string, string>) =>
  source.scim("GET", `/Users?${new URLSearchParams(parameters)}`);
const given = async (users: number) => {
  const source = await usher.newSource();
  const made = [];
  for (let at = 0; at < users; at += 1)
    made.push(
      (await source.scim("POST", "/Users", aUser({ title: `title-${at}`, externalId: `Ext-${at}` }))).body,
    );
  return { source, made };
};

test("a user is found right after it was made, by each of its keys", async () => {
  const { source, made } = await given(2);
  const [user] = made;
  const email = user.emails[0].value;
  for (const filter of [
    `userName eq "${user.userName}"`,
    `userName eq "${user.userName.toUpperCase()}"`,
    `USERNAME EQ "${user.userName}"`,
    'externalId eq "Ext-0"',
    `id eq "${user.id}"`,
    `emails.value eq "${email}"`,
    `emails[type eq "work"].value eq "${email}"`,
    `emails[type eq "work" and primary eq "True"].value eq "${email}"`,
    `userName eq "${user.userName}" and active eq true`,
    'title eq "title-0"',
    'title sw "title-" and not (externalId eq "Ext-1")',
    `meta.created ge "${user.meta.created}" and title co "e-0"`,
  ])
    expect((await get(source, { filter })).body, filter).toMatchObject({
      totalResults: 1,
      Resources: [{ id: user.id }],
    });
  for (const filter of [
    'externalId eq "ext-0"',
    'userName eq "nobody@example.com"',
    'emails.value eq "no@example.com"',
  ])
    expect((await get(source, { filter })).body).toMatchObject({
      totalResults: 0,
      itemsPerPage: 0,
      Resources: [],
    });
});

test.each(["userName eq", 'nowhere eq "x"', 'userName eq "x" and', "(".repeat(11)])(
  "the filter %s is refused and never answered with the list",
  async (filter) => {
    const { source } = await given(1);
    expect((await get(source, { filter })).body).toMatchObject({ status: "400", scimType: "invalidFilter" });
  },
);

test("pages by index and by cursor show each user once, the cursor's in the same order", async () => {
  const { source, made } = await given(5);
  const ids = made.map(({ id }) => id).sort();
  const idsOf = (body: { Resources: { id: string }[] }) => body.Resources.map(({ id }) => id);
  const pages = [];
  for (const startIndex of ["1", "3", "5", "6"])
    pages.push((await get(source, { startIndex, count: "2" })).body);
  expect(pages.flatMap(idsOf)).toEqual(ids);
  expect(pages[0]).toMatchObject({ totalResults: 5, startIndex: 1, itemsPerPage: 2 });
  expect((await get(source, { count: "0" })).body).toMatchObject({ totalResults: 5, Resources: [] });
  for (const filter of [{}, { filter: "active eq true" }]) {
    const seen: string[] = [];
    for (let cursor: string | undefined = ""; cursor !== undefined; ) {
      const { body }: Awaited<ReturnType<typeof get>> = await get(source, { cursor, count: "2", ...filter });
      seen.push(...idsOf(body));
      cursor = body.nextCursor;
    }
    expect(seen).toEqual(ids);
  }
  expect((await get(source, { cursor: "forged" })).body).toMatchObject({ scimType: "invalidCursor" });
});

test("what is asked for is shown, by GET and by POST to .search", async () => {
  const { source, made } = await given(1);
  const asked = { attributes: ["userName", "name.familyName"], filter: `id eq "${made[0].id}"` };
  const { body } = await source.scim("POST", "/Users/.search", asked);
  expect(Object.keys(body.Resources[0]).sort()).toEqual(["id", "name", "schemas", "userName"]);
  const without = await source.scim("GET", `/Users/${made[0].id}?excludedAttributes=emails,name`);
  expect(without.body.emails).toBeUndefined();
  expect(without.body.title).toBe("title-0");
});
