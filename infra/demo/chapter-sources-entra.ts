import { randomBytes } from "node:crypto";
import { bindPushedGroup } from "./bind-pushed-group.ts";
import { type BoundChapter, untilEqual } from "./chapter.ts";
import { groupOf, settle, userOf } from "./directory.ts";
import {
  enterpriseUrn,
  filtered,
  groupUrn,
  type IdentityProvider,
  make,
  patch,
  userUrn,
} from "./identity-provider.ts";

/** Groups first, one who is not there yet among their members, and changes in capital letters and filtered paths. */
export const pushAsEntra = async (chapter: BoundChapter, entra: IdentityProvider): Promise<void> => {
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
      const members = await bindPushedGroup(call, {
        directory,
        integrationId,
        groupId,
        name: "Entra analytics",
      });
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
    settle(directory);
    // Whoever follows can name him as manager.
    const joined = await untilEqual(chapter);
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
    return [
      `he was there ${joined} ms after his request, and all of her ${await untilEqual(chapter)} ms after hers`,
    ];
  });
};
