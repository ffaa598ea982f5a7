import { randomUUID } from "node:crypto";
import type { DatabaseSync } from "node:sqlite";
import { AwsError } from "../signing/aws-error.ts";

export type KeySchema = { AttributeName: string; KeyType?: string }[];
export type IndexRecord = {
  IndexName: string;
  KeySchema: KeySchema;
  Projection: { ProjectionType: string; NonKeyAttributes?: string[] };
};
/** A table's definition, as DescribeTable shows it. */
export type TableRecord = {
  TableName: string;
  TableStatus: string;
  KeySchema: KeySchema;
  AttributeDefinitions: { AttributeName: string; AttributeType: "S" | "N" | "B" }[];
  GlobalSecondaryIndexes?: IndexRecord[];
  LocalSecondaryIndexes?: IndexRecord[];
} & Record<string, unknown>;

/** A table that is open: its definition, and the attribute that its items expire by. */
export type Table = { record: TableRecord; ttl: string | undefined };

export type Tables = {
  /** @throws AwsError ResourceNotFoundException */
  get(name: string): Table;
  names(): string[];
  all(): Table[];
  /** @throws AwsError ResourceInUseException */
  create(input: Record<string, unknown>): TableRecord;
  remove(name: string): TableRecord;
  /** Keeps another definition of a table, whose rows fit it already. */
  redefine(record: TableRecord): void;
  setTimeToLive(name: string, attribute: string | undefined): void;
};

export const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;
export const sqlTable = (table: string): string => quoted(`items ${table}`);
export const sqlIndex = (table: string, index: string): string => quoted(`index ${table} ${index}`);
export const sqlColumn = (attribute: string): string => quoted(`key ${attribute}`);
export const indexesOf = ({ GlobalSecondaryIndexes = [], LocalSecondaryIndexes = [] }: TableRecord) => [
  ...GlobalSecondaryIndexes,
  ...LocalSecondaryIndexes,
];
export const namesOf = (keys: KeySchema): string[] => keys.map(({ AttributeName }) => AttributeName);
/** Every attribute that is part of a key of the table or of an index: each has a column. */
export const keyAttributesOf = (table: TableRecord): string[] => [
  ...new Set([table, ...indexesOf(table)].flatMap(({ KeySchema }) => namesOf(KeySchema))),
];
/** What an index sorts by: its own keys, then what is left of the table's. */
export const orderOf = (table: TableRecord, index?: IndexRecord): string[] => [
  ...new Set([...namesOf((index ?? table).KeySchema), ...namesOf(table.KeySchema)]),
];

/** The definitions of all tables, which are read once. A table has an SQLite table, and an index one of SQLite's. */
export const openTables = (db: DatabaseSync): Tables => {
  const tables = new Map<string, Table>();
  const rows = db.prepare("SELECT name, definition, ttl FROM tables").all();
  for (const { name, definition, ttl } of rows as {
    name: string;
    definition: string;
    ttl: string | null;
  }[]) {
    tables.set(name, { record: JSON.parse(definition), ttl: ttl ?? undefined });
  }
  const get = (name: string): Table => {
    const table = tables.get(name);
    if (table) return table;
    throw failure("ResourceNotFoundException", "Requested resource not found");
  };
  return {
    get,
    names: () => [...tables.keys()].sort(),
    all: () => [...tables.values()],
    create(input) {
      if (tables.has(String(input.TableName))) {
        throw failure("ResourceInUseException", `Table already exists: ${input.TableName}`);
      }
      const record = recordOf(input);
      inTransaction(db, () => addTable(db, record));
      tables.set(record.TableName, { record, ttl: undefined });
      return record;
    },
    remove(name) {
      const { record } = get(name);
      inTransaction(db, () => {
        db.exec(`DROP TABLE ${sqlTable(name)}`);
        db.prepare("DELETE FROM tables WHERE name = ?").run(name);
      });
      tables.delete(name);
      return { ...record, TableStatus: "DELETING" };
    },
    redefine(record) {
      const { TableName: name } = record;
      const { ttl } = get(name);
      db.prepare("UPDATE tables SET definition = ? WHERE name = ?").run(JSON.stringify(record), name);
      tables.set(name, { record, ttl });
    },
    setTimeToLive(name, attribute) {
      const { record } = get(name);
      db.prepare("UPDATE tables SET ttl = ? WHERE name = ?").run(attribute ?? null, name);
      tables.set(name, { record, ttl: attribute });
    },
  };
};

/** Keeps the definition, and makes the SQLite table and indexes. Index entries are the columns of the row itself. */
export const addTable = (db: DatabaseSync, record: TableRecord): void => {
  const { TableName: name } = record;
  const columns = keyAttributesOf(record).map((attribute) => `${sqlColumn(attribute)} TEXT`);
  const key = namesOf(record.KeySchema).map(sqlColumn).join(", ");
  db.exec(
    `CREATE TABLE ${sqlTable(name)} (id INTEGER PRIMARY KEY, ${columns.join(", ")}, due INTEGER, sum INTEGER NOT NULL, item TEXT NOT NULL, UNIQUE (${key}))`,
  );
  for (const index of indexesOf(record)) addIndex(db, record, index);
  db.exec(`CREATE INDEX ${quoted(`due ${name}`)} ON ${sqlTable(name)} (due) WHERE due IS NOT NULL`);
  db.prepare("INSERT INTO tables VALUES (?, ?, NULL)").run(name, JSON.stringify(record));
};

/** Over the columns of its keys, which are there: SQLite fills it from the rows. */
export const addIndex = (db: DatabaseSync, record: TableRecord, index: IndexRecord): void => {
  const { TableName: name } = record;
  const present = namesOf(index.KeySchema).map((attribute) => `${sqlColumn(attribute)} IS NOT NULL`);
  const order = orderOf(record, index).map(sqlColumn);
  db.exec(
    `CREATE INDEX ${sqlIndex(name, index.IndexName)} ON ${sqlTable(name)} (${order.join(", ")}) WHERE ${present.join(" AND ")}`,
  );
};

/** All of `change` or nothing of it, within the transaction that is open, if there is one. */
export const inTransaction = <T>(db: DatabaseSync, change: () => T): T => {
  const isPart = db.isTransaction;
  db.exec(isPart ? "SAVEPOINT change" : "BEGIN IMMEDIATE");
  try {
    const result = change();
    db.exec(isPart ? "RELEASE change" : "COMMIT");
    return result;
  } catch (error) {
    // SQLite has ended the transaction by itself where the disk is full.
    if (db.isTransaction) db.exec(isPart ? "ROLLBACK TO change; RELEASE change" : "ROLLBACK");
    throw error;
  }
};

const recordOf = (input: Record<string, unknown>): TableRecord => {
  const { BillingMode: mode, ...rest } = input;
  const arn = `arn:aws:dynamodb:us-east-1:000000000000:table/${input.TableName}`;
  const made = (indexes: unknown, more: object) =>
    (indexes as IndexRecord[]).map((index) => described(arn, index, more));
  return {
    ...(rest as TableRecord),
    ...(input.GlobalSecondaryIndexes
      ? { GlobalSecondaryIndexes: made(input.GlobalSecondaryIndexes, active) }
      : {}),
    ...(input.LocalSecondaryIndexes ? { LocalSecondaryIndexes: made(input.LocalSecondaryIndexes, {}) } : {}),
    ...(mode === "PAY_PER_REQUEST" ? { BillingModeSummary: { BillingMode: mode } } : {}),
    TableArn: arn,
    TableId: randomUUID(),
    TableStatus: "ACTIVE",
    CreationDateTime: Date.now() / 1000,
    ItemCount: 0,
    TableSizeBytes: 0,
  };
};

const active = { IndexStatus: "ACTIVE" };
const described = (tableArn: string, index: IndexRecord, more: object): IndexRecord => ({
  ...index,
  ...{ ItemCount: 0, IndexSizeBytes: 0 },
  ...more,
  ...{ IndexArn: `${tableArn}/index/${index.IndexName}` },
});

/** A new global index of a table, as DescribeTable shows it. */
export const madeIndex = ({ TableArn: arn }: TableRecord, index: IndexRecord): IndexRecord =>
  described(String(arn), index, active);

const failure = (name: string, message: string): AwsError =>
  new AwsError(400, { __type: `com.amazonaws.dynamodb.v20120810#${name}`, message });
