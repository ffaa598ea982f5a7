import type { DirectoryUserInput } from "../../shared/model/directory.ts";
import type { Model, Step } from "./model.ts";
import type { World } from "./world.ts";

/** How a body differs from the one that is saved. */
export const edits = [
  "same",
  "title",
  "name",
  "clear",
  "suspend",
  "activate",
  "stage",
  "other e-mail",
  "own e-mail",
  "shared e-mail",
  "manager",
  "odd letters",
] as const;
type Edit = (typeof edits)[number];

/** A step that is not yet bound to what is saved. `n` makes one edit differ from another. */
export type Draft =
  | { do: "assign"; user: number; edit?: Edit; n?: number }
  | { do: "save" | "patch"; user: number; edit: Edit; n?: number }
  | { do: "bind"; group: number; variant: "a" | "b"; members?: number[] }
  | { do: "rename"; group: number; variant: "a" | "b" }
  | Exclude<Step, { do: "assign" | "save" | "patch" | "bind" | "rename" }>;

/** The call that a draft is, as things are now. */
export const bindDraft = (world: World, model: Model, draft: Draft): Step => {
  switch (draft.do) {
    case "assign": {
      const { user, edit, n } = draft;
      const isSaved = model.users[user]?.body !== undefined;
      if (edit === undefined && isSaved) return { do: "assign", user };
      return { do: "assign", user, body: edited(world, model, user, { edit: edit ?? "same", n: n ?? 0 }) };
    }
    case "save":
    case "patch": {
      const { user, edit, n = 0 } = draft;
      return { do: draft.do, user, body: edited(world, model, user, { edit, n }) };
    }
    case "rename":
      return { do: "rename", group: draft.group, name: world.groupName(draft.group, draft.variant) };
    case "bind": {
      const { group, variant, members } = draft;
      return { do: "bind", group, name: world.groupName(group, variant), ...(members && { members }) };
    }
    default:
      return draft;
  }
};

export const aBody = (world: World, at: number): DirectoryUserInput => ({
  email: world.email(`u${at}`),
  firstname: "Ada",
  lastname: `Lovelace ${at}`,
  jobTitle: "Analyst",
});

const edited = (
  world: World,
  model: Model,
  at: number,
  { edit, n }: { edit: Edit; n: number },
): DirectoryUserInput => {
  const before = model.users[at]?.body ?? aBody(world, at);
  const { jobTitle: _, middlename: __, phoneNumbers: ___, employeeType: ____, ...bare } = before;
  const { suspended: _____, state: ______, ...active } = before;
  switch (edit) {
    case "same":
      return before;
    case "title":
      return { ...before, jobTitle: `Title ${n}`, employeeType: n % 2 ? "Staff" : "Guest" };
    case "name":
      return {
        ...before,
        lastname: `Byron ${n}`,
        middlename: "M",
        phoneNumbers: [{ type: "work", number: `+1 ${n}` }],
      };
    case "clear":
      return bare;
    case "suspend":
      return { ...before, suspended: true };
    case "activate":
      return active;
    case "stage":
      return { ...active, state: "STAGED" };
    case "other e-mail":
      return { ...before, email: world.email(`u${at}.${n % 2}`) };
    case "own e-mail":
      return { ...before, email: world.email(`u${at}`) };
    case "shared e-mail":
      return { ...before, email: n === 0 ? world.email("shared") : before.email };
    case "manager":
      return { ...before, manager: world.userId((at + 1) % model.users.length) };
    case "odd letters":
      return { ...before, displayname: `"O'Neil\\ & <Söhne> ${n}"`, department: "R&D" };
  }
};
