import { randomBytes } from "node:crypto";
import { bindPushedGroup } from "./bind-pushed-group.ts";
import { type BoundChapter, untilEqual } from "./chapter.ts";
import { settle } from "./directory.ts";
import { filtered, groupUrn, type IdentityProvider, make, patch, userUrn } from "./identity-provider.ts";
import { counted } from "./progress.ts";

/**
 * The tests that Okta makes first, two people with passwords, and a group, which it sends once more right after it was made.
 * @returns the ids of the two
 */
export const pushAsOkta = async (chapter: BoundChapter, okta: IdentityProvider): Promise<string[]> => {
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
    const members = await bindPushedGroup(call, { directory, integrationId, groupId, name: displayName });
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
