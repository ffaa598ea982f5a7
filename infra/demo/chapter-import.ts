import { type BoundChapter, pathsOf, untilEqual, untilJob } from "./chapter.ts";
import { groupOf, settle } from "./directory.ts";

/** Accounts that somebody made at the provider, and the bound group of the directory that is to hold them. */
const accounts = [
  { firstname: "Anouk", lastname: "Verbeek", jobTitle: "Cartographer" },
  { firstname: "Tendai", lastname: "Chikore", jobTitle: "Geologist" },
  { firstname: "Ximena", lastname: "Quiroga", jobTitle: "Surveyor" },
  { firstname: "Rohan", lastname: "Kulkarni", jobTitle: "Data analyst" },
  { firstname: "Signe", lastname: "Holmberg", jobTitle: "Project lead" },
].map((person) => ({
  ...person,
  displayname: `${person.firstname} ${person.lastname}`,
  email: `${person.firstname}.${person.lastname}@example.com`.toLowerCase(),
}));
const project = "project-aurora";

type Row = { userId?: string; result: string };

/** Accounts that are there already become users of the directory, each linked to its account. */
export const importAccounts = async (chapter: BoundChapter): Promise<void> => {
  const { step, provider, directory, check, integrationId } = chapter;
  const paths = pathsOf(integrationId);

  await step("scan", "Five accounts were made there by hand: a scan finds them", async (call) => {
    for (const { email, firstname, lastname, displayname, jobTitle } of accounts)
      await provider.byHand("POST", "/Users", {
        schemas: ["urn:ietf:params:scim:schemas:core:2.0:User"],
        userName: email,
        name: { givenName: firstname, familyName: lastname },
        displayName: displayname,
        title: jobTitle,
        emails: [{ value: email, type: "work", primary: true }],
      });
    const { jobId } = await call("POST", paths.scans, 202);
    const { counts = {} } = await untilJob(call, paths.importJob(jobId), "done");
    const { total } = await call("GET", `${paths.accounts}?show=new`, 200);
    check(total === accounts.length, `${total} accounts are new instead of ${accounts.length}`);
    return [`${total} are new, ${counts.linked} are linked already`];
  });

  await step("import", "Imported into a bound group: linked, not made twice", async (call) => {
    const made = provider.carriedOut("POST", "Users");
    const { jobId } = await call("POST", paths.importJobs, 202, { allNew: true, groupId: project });
    await untilJob(call, paths.importJob(jobId), "done");
    const { items = [] } = await call("GET", `${paths.importJob(jobId)}/rows`, 200);
    const created = (items as Row[]).filter(({ result }) => result === "created");
    check(
      created.length === accounts.length,
      `${created.length} users were made of ${accounts.length} accounts`,
    );
    // Without anything else said, the name of the account is the id of the user.
    for (const user of accounts) {
      directory.users.set(user.email, user);
      groupOf(directory, project).members.add(user.email);
    }
    settle(directory);
    const ms = await untilEqual(chapter);
    check(provider.carriedOut("POST", "Users") === made, "an account that is there was made once more");
    return [`${created.length} users of the directory; in the group at the provider ${ms} ms later`];
  });
};
