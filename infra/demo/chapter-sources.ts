import { randomBytes } from "node:crypto";
import type { DirectoryInsightsEvent } from "../../shared/model/event.ts";
import { type BoundChapter, pathsOf, until, untilEqual } from "./chapter.ts";
import { type Directory, groupOf, settle, userOf } from "./directory.ts";
import { connect, filtered, type IdentityProvider, patch } from "./identity-provider.ts";
import { counted } from "./progress.ts";
import type { Call } from "./usher-client.ts";

const userUrn = "urn:ietf:params:scim:schemas:core:2.0:User";
const groupUrn = "urn:ietf:params:scim:schemas:core:2.0:Group";
const enterpriseUrn = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

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

/** The tests that Okta makes first, two people with passwords, and a group, which it sends once more right after it was made. */
const pushAsOkta = async (chapter: BoundChapter, okta: IdentityProvider): Promise<string[]> => {
  const { step, directory, secrets, check, integrationId } = chapter;
  const ids: string[] = [];
  await step("okta", "Okta makes two people and pushes their group, which is bound", async (call) => {
    await okta.send("GET", "/Users?startIndex=1&count=1", 200);
    for (const [givenName, familyName, title] of [
      ["Imani", "Wanjiru", "Engineer"],
      ["Lucas", "Ferreira", "Designer"],
    ] as const) {
      const userName = `${givenName}.${familyName}@example.com`.toLowerCase();
      const { body } = await okta.send("GET", filtered("/Users", `userName eq "${userName}"`), 200);
      check(body.totalResults === 0, `${userName} was there before`);
      const password = randomBytes(18).toString("base64url");
      secrets.add(`the password of ${userName}`, password);
      const id = await make(okta, "/Users", {
        schemas: [userUrn],
        userName,
        externalId: `00u${givenName}`,
        name: { givenName, familyName },
        emails: [{ primary: true, value: userName, type: "work" }],
        displayName: `${givenName} ${familyName}`,
        title,
        locale: "en-US",
        password,
        groups: [],
        active: true,
      });
      ids.push(id);
      directory.users.set(id, {
        email: userName,
        firstname: givenName,
        lastname: familyName,
        jobTitle: title,
      });
    }
    const displayName = "Okta platform";
    const groupId = await make(okta, "/Groups", { schemas: [groupUrn], displayName, members: [] });
    await okta.send(
      "PATCH",
      `/Groups/${groupId}`,
      204,
      patch({ op: "replace", value: { id: groupId, displayName } }),
    );
    const members = await bind(call, { directory, integrationId, groupId, name: displayName });
    const value = ids.map((id) => ({ value: id }));
    await okta.send("PATCH", `/Groups/${groupId}`, 204, patch({ op: "add", path: "members", value }));
    for (const id of ids) members.add(id);
    settle(directory);
    return [
      `${counted(okta.requests(), "request")} of Okta; all there ${await untilEqual(chapter)} ms later`,
    ];
  });
  return ids;
};

/** Groups first, one who is not there yet among their members, and changes in capital letters and filtered paths. */
const pushAsEntra = async (chapter: BoundChapter, entra: IdentityProvider): Promise<void> => {
  const { step, directory, check, integrationId } = chapter;
  const person = (givenName: string, familyName: string) => ({
    schemas: [userUrn, enterpriseUrn],
    userName: `${givenName}.${familyName}@example.com`.toLowerCase(),
    externalId: `${givenName}-object-id`,
    active: true,
    emails: [{ primary: true, type: "work", value: `${givenName}.${familyName}@example.com`.toLowerCase() }],
    name: { givenName, familyName },
    meta: { resourceType: "User" },
    roles: [],
  });
  const save = (id: string, { name, userName }: ReturnType<typeof person>) =>
    directory.users.set(id, { email: userName, firstname: name.givenName, lastname: name.familyName });
  const [sanna, tomas] = [person("Sanna", "Virtanen"), person("Tomas", "Novak")];
  let [sannaId, tomasId, groupId] = ["", "", ""];

  await step(
    "entra-group",
    "Entra names two in a group, of whom one is not there: the other joins",
    async (call) => {
      await entra.send("GET", filtered("/Users", `userName eq "${randomBytes(8).toString("hex")}"`), 200);
      sannaId = await make(entra, "/Users", sanna);
      tomasId = await make(entra, "/Users", tomas);
      // Deleted by mistake there, and restored later.
      await entra.send("DELETE", `/Users/${tomasId}`, 204);
      groupId = await make(entra, "/Groups", {
        schemas: [groupUrn, "http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group"],
        displayName: "Entra analytics",
        externalId: "analytics-object-id",
        meta: { resourceType: "Group" },
      });
      const members = await bind(call, { directory, integrationId, groupId, name: "Entra analytics" });
      const value = [{ value: tomasId }, { value: sannaId }];
      await entra.send("PATCH", `/Groups/${groupId}`, 204, patch({ op: "Add", path: "members", value }));
      save(sannaId, sanna);
      members.add(sannaId);
      settle(directory);
      const { source } = await call("GET", `/groups/${groupId}`, 200);
      check(source?.waiting?.userIds.join() === tomasId, "the one who is not there does not wait");
      return [`answered as done; one waits; all there ${await untilEqual(chapter)} ms later`];
    },
  );

  await step("entra-user", "Entra restores him, and changes her: he joins by himself", async () => {
    const again = await make(entra, "/Users", tomas);
    check(again === tomasId, "who was restored became somebody else");
    save(tomasId, tomas);
    groupOf(directory, groupId).members.add(tomasId);
    await entra.send(
      "PATCH",
      `/Users/${sannaId}`,
      200,
      patch(
        { op: "Add", path: `${enterpriseUrn}:department`, value: "Analytics" },
        { op: "Replace", path: 'phoneNumbers[type eq "work"].value', value: "+358 55 0100" },
        { op: "Add", path: `${enterpriseUrn}:manager`, value: tomasId },
      ),
    );
    directory.users.set(sannaId, {
      ...userOf(directory, sannaId),
      department: "Analytics",
      phoneNumbers: [{ type: "work", number: "+358 55 0100" }],
      manager: tomasId,
    });
    settle(directory);
    return [`all there ${await untilEqual(chapter)} ms after Entra's last request`];
  });
};

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

/** @returns the id that the answer gives it */
const make = async (provider: IdentityProvider, path: string, body: object): Promise<string> =>
  (await provider.send("POST", path, 201, body)).body.id ?? "";

type Binding = { directory: Directory; integrationId: string; groupId: string; name: string };

/**
 * An admin binds the group that was pushed: from then on its members get their accounts by themselves.
 * @returns the members as the demo knows them, nobody yet
 */
const bind = async (
  call: Call,
  { directory, integrationId, groupId, name }: Binding,
): Promise<Set<string>> => {
  const members = new Set<string>();
  await call("PUT", pathsOf(integrationId).group(groupId), 200);
  directory.groups.set(groupId, { name, members });
  directory.bound.add(groupId);
  return members;
};
