import { makeOrReadRunKeys } from "../../infra/local/signing/run-keys.ts";
import { createDynamoDbClient } from "../../shared/aws/table/dynamodb-client.ts";
import type { RecordedRequest } from "../providers/provider.ts";
import { renamed, replayer } from "./replay.ts";
import { type Observed, person, type Stage } from "./stage.ts";

/** One thing to be timed: the call, the SCIM calls in it alone, or its storage calls alone. */
type Candidate = (round: number) => Promise<unknown>;
type Operation = "known user, changed" | "new user";
export type Candidates = Record<
  Operation,
  { counts: string; call: Candidate; scim: Candidate; storage: Candidate }
>;

/** Makes a call of each kind under observation, and of what is seen the baselines. */
export const prepareCandidates = async (
  stage: Stage,
): Promise<{ candidates: Candidates; close: () => void }> => {
  const { call, callProvider, observe } = stage;
  const path = (userId: string) => `/users/${userId}`;
  // Names that occur in nothing else, since the baselines replace them by others.
  const model = { user: "model-user", title: "Model title" };
  await call("PUT", path("first-user"), person("first-user"));
  const created = await observe("PUT", path(model.user), person(model.user));
  const changed = await observe("PUT", path(model.user), person(model.user, model.title));
  const remoteId = String(changed.answer.body.remoteId);

  const sendAgain = async (requests: RecordedRequest[], names: Record<string, string>) => {
    let id = "";
    for (const { method, path, query, body } of requests) {
      const target = renamed(query === "" ? path : `${path}?${query}`, names);
      const payload = body === undefined ? undefined : JSON.parse(renamed(JSON.stringify(body), names));
      id = String((await callProvider(method, target, payload)).body.id ?? id);
    }
    return id;
  };
  const bareId = await sendAgain(created.requests, { [model.user]: "bare-known" });

  const { accessKeyId, secretAccessKey, region } = makeOrReadRunKeys(stage.dataDir);
  const credentials = { accessKeyId, secretAccessKey };
  const client = createDynamoDbClient({ endpoint: stage.dynamodbUrl, region, credentials });
  const storeCreated = replayer(client, created.operations);
  const storeChanged = replayer(client, changed.operations);
  const eventIds = [...eventIdsIn(created), ...eventIdsIn(changed)];
  const storedNames = (round: number) => ({
    [model.user]: `stored-${round}`,
    [remoteId]: `remote-${round}`,
    ...Object.fromEntries(eventIds.map((id, at) => [id, `event-${at}-${round}`])),
  });

  const candidates: Candidates = {
    // First, since the storage calls of a change need the items that those of a creation leave behind.
    "new user": {
      counts: countsOf(created),
      call: (round) => call("PUT", path(`new-${round}`), person(`new-${round}`)),
      scim: (round) => sendAgain(created.requests, { [model.user]: `bare-${round}` }),
      storage: (round) => storeCreated(storedNames(round)),
    },
    "known user, changed": {
      counts: countsOf(changed),
      call: (round) => call("PUT", path("first-user"), person("first-user", `Title ${round}`)),
      scim: (round) => sendAgain(changed.requests, { [remoteId]: bareId, [model.title]: `Title ${round}` }),
      storage: (round) => storeChanged(storedNames(round)),
    },
  };
  return { candidates, close: () => client.destroy() };
};

const countsOf = ({ requests, operations }: Observed): string => `${requests.length} + ${operations.length}`;

/** Ids of the events that a call has put, those of the directory's change as well: an event is put once. */
const eventIdsIn = ({ operations }: Observed): string[] =>
  operations.flatMap(({ command, input }) => {
    const { Item: item } = input as { Item?: { event_type?: unknown; id?: { S?: string } } };
    return command === "PutItemCommand" && item?.event_type && item.id?.S ? [item.id.S] : [];
  });
