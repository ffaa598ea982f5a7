import { printTable } from "./figures.ts";
import type { Operation } from "./observe-store.ts";
import { type Observed, person, type Stage, startStage } from "./stage.ts";

const largeGroup = 1_000;

/** What each operation sends and what it costs at DynamoDB, beside what it should be. */
export const cost = async (): Promise<void> => {
  const stage = await startStage(0);
  const rows: (string | number)[][] = [];
  const note = (name: string, observed: Observed, expected: string) =>
    rows.push([name, ...figuresOf(observed), expected]);

  await costsOfUsers(stage, note);
  await costsOfGroups(stage, note);
  printTable(costHeading, rows);
  console.log("write units: table + index copies. Units of tables and reads are those that the store tells");
  console.log(
    "(ReturnConsumedCapacity); index copies, which it does not count, are computed from each item before",
  );
  console.log("and after by DynamoDB's rules. Body bytes: all SCIM request bodies together.");
  const peak = await stage.close();
  console.log(`peak memory of the embedded run: ${(peak / 2 ** 20).toFixed(0)} MiB`);
};

export const costHeading = [
  "operation",
  "requests",
  "body bytes",
  "DynamoDB calls",
  "read units",
  "write units",
  "of the event",
  "total writes",
  "expected",
];

type Note = (name: string, observed: Observed, expected: string) => void;

const costsOfUsers = async ({ call, observe }: Stage, note: Note): Promise<void> => {
  // The first call of a process reads the secret, which is then kept.
  await call("PUT", "/users/first", person("first"));
  const put = (body: object) => observe("PUT", "/users/ada", body);
  note("new user", await put(person("ada")), "2 requests");
  note("known user, changed", await put(person("ada", "Director")), "1 request");
  note("known user, unchanged", await put(person("ada", "Director")), "0 requests");
  note("known user, suspended", await put({ ...person("ada", "Director"), suspended: true }), "1 request");
  note("known user, deleted", await observe("DELETE", "/users/ada?action=delete"), "1 request");
};

const costsOfGroups = async ({ call, observe, saveUser }: Stage, note: Note): Promise<void> => {
  const ids = Array.from({ length: largeGroup }, (_, at) => `member-${at}`);
  const newcomers = ["newcomer-1", "newcomer-2"];
  for (const id of newcomers) await call("PUT", `/users/${id}`, person(id));
  for (const id of ids) await saveUser(id);
  // Names of one length: an event that grows over a full kilobyte takes a unit more in each of its copies.
  const large = { name: "Large group", members: ids };
  // A call that cannot finish in its time answers 202, and the same call goes on.
  while ((await call("PUT", "/groups/large", large)).status === 202);

  const small = { name: "Small group", members: ids.slice(0, 10) };
  note("group of 10 bound, its members known", await observe("PUT", "/groups/small", small), "3 requests");
  note("group of 10, unchanged", await observe("PUT", "/groups/small", small), "0 requests");
  const add = (group: string, id: string) => observe("POST", `/groups/${group}/members`, { add: [id] });
  note("one added to a group of 10", await add("small", "newcomer-1"), "1 request");
  const expected = "1 request < 1 KB, as above";
  note(`one added to a group of ${largeGroup}`, await add("large", "newcomer-1"), expected);
  note(`another added to it`, await add("large", "newcomer-2"), expected);
};

export const figuresOf = ({ requests, operations }: Observed): (string | number)[] => {
  const sum = (of: (operation: Operation) => number, among = operations) =>
    among.reduce((total, operation) => total + of(operation), 0);
  const writes = (isEvent: boolean) => {
    const among = operations.filter((operation) => operation.isEvent === isEvent);
    const table = sum(({ tableWriteUnits }) => tableWriteUnits, among);
    const indexes = sum(({ indexWriteUnits }) => indexWriteUnits, among);
    return `${table} + ${indexes}`;
  };
  return [
    requests.length,
    requests.reduce((total, { bytes }) => total + bytes, 0),
    operations.length,
    sum(({ readUnits }) => readUnits),
    writes(false),
    writes(true),
    sum(({ tableWriteUnits, indexWriteUnits }) => tableWriteUnits + indexWriteUnits),
  ];
};
