import type { DirectoryInsightsEvent } from "../../shared/model/event.ts";
import { type BoundChapter, until, untilEqual } from "./chapter.ts";
import { pushAsEntra } from "./chapter-sources-entra.ts";
import { pushAsOkta } from "./chapter-sources-okta.ts";
import { userOf } from "./directory.ts";
import { connect, type IdentityProvider, patch } from "./identity-provider.ts";
import type { Call } from "./usher-client.ts";

/** Identity providers feed the directory by SCIM, each in its own way, and the service provider follows. */
export const feedBySources = async (chapter: BoundChapter): Promise<void> => {
  const sources = await connectSources(chapter);
  const [leaver] = await pushAsOkta(chapter, sources.okta);
  await pushAsEntra(chapter, sources.entra);
  await deactivate(chapter, sources.okta, leaver);
};

/** An admin makes a source for each, and enters base URL and token there. */
const connectSources = async ({ step, secrets, check }: BoundChapter) => {
  const made: IdentityProvider[] = [];
  await step(
    "sources",
    "Okta and Entra are to feed the directory: a source and a token for each",
    async (call) => {
      for (const [name, kind] of [
        ["Okta", "okta"],
        ["Entra", "entra"],
      ]) {
        const { scimBaseUrl = "", token = "" } = await makeSource(call, { name, kind });
        secrets.add(`the token of ${name}`, token);
        made.push(connect({ scimBaseUrl, token }, secrets.lookAt));
        const stranger = connect({ scimBaseUrl, token: token.slice(0, -1) }, secrets.lookAt);
        const refused = await stranger.send("GET", "/Users", 401);
        check(refused.body.status === "401", "a wrong token was not refused in SCIM's words");
      }
      return undefined;
    },
  );
  const [okta, entra] = made;
  if (!okta || !entra) throw new Error("there are no sources");
  return { okta, entra };
};

/** Its answer shows the token, this once, and is looked at by nobody else. */
const makeSource = (call: Call, body: object) => call("POST", "/sources", 201, body);

/** From the identity provider's request to the closed account: two events under the id that the answer has named. */
const deactivate = async (chapter: BoundChapter, okta: IdentityProvider, userId = ""): Promise<void> => {
  const { step, directory, check } = chapter;
  await step(
    "okta-leaver",
    "Okta deactivates one: the account is closed, and the audit says for whom",
    async (call) => {
      const { correlationId } = await okta.send(
        "PATCH",
        `/Users/${userId}`,
        200,
        patch({ op: "replace", value: { active: false } }),
      );
      directory.users.set(userId, { ...userOf(directory, userId), suspended: true });
      await untilEqual(chapter);
      let chain: DirectoryInsightsEvent[] = [];
      await until("the event of the closed account", async () => {
        const { items = [] } = await call("GET", `/events?correlationId=${correlationId}&order=asc`, 200);
        chain = items as DirectoryInsightsEvent[];
        return chain.length >= 2;
      });
      const [said, done] = chain;
      const types = chain.map(({ event_type }) => event_type).join();
      check(types === "user_update,user_deprovision", `the audit has ${types} of it`);
      check(said?.initiated_by.type === "source", "the change is not told to be the source's");
      check(done?.requested_by?.id === said?.initiated_by.id, "the closed account is told to be for another");
      const ms = Date.parse(done?.timestamp ?? "") - Date.parse(done?.requested_at ?? "");
      return [
        `correlation ${correlationId}: ${types.replace(",", ", then ")}, ${ms} ms after it was asked for`,
      ];
    },
  );
};
