import fc from "fast-check";
import type { DirectoryUser } from "../../shared/model/directory.ts";
import type { Policies } from "../../shared/model/integration.ts";
import { type Fault, faultKinds, routes } from "../providers/quirky/faults.ts";
import { groupCount, type Model, type Step, userCount } from "./model.ts";
import type { World } from "./world.ts";

const user = fc.nat(userCount - 1);
const group = fc.nat(groupCount - 1);
const someUsers = fc.uniqueArray(user, { maxLength: 4 });

/** How a body differs from the one that is saved. */
const edits = fc.constantFrom(
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
);
type Edit = typeof edits extends fc.Arbitrary<infer E> ? E : never;

/** A step that is not yet bound to what is saved. */
export type Draft = (world: World, model: Model) => Step;
export type NamedDraft = { name: string; make: Draft };

const weight = (weight: number, arbitrary: fc.Arbitrary<NamedDraft>) => ({ weight, arbitrary });
const named = (what: object, make: Draft): NamedDraft => ({ name: JSON.stringify(what), make });

const removal = fc.option(fc.constantFrom("deprovision" as const, "delete" as const), { nil: undefined });

export const drafts = (groupsEnabled: boolean): fc.Arbitrary<NamedDraft> => {
  const ofUsers = [
    weight(
      8,
      fc
        .record({
          do: fc.constant("assign" as const),
          user,
          edit: fc.option(edits, { nil: undefined }),
          n: fc.nat(9),
        })
        .map((what) =>
          named(what, (world, model) => {
            const { edit, n } = what;
            const isSaved = model.users[what.user]?.body !== undefined;
            if (edit === undefined && isSaved) return { do: "assign", user: what.user };
            return {
              do: "assign",
              user: what.user,
              body: edited(world, model, what.user, edit ?? "same", n),
            };
          }),
        ),
    ),
    weight(
      4,
      fc.record({ do: fc.constant("save" as const), user, edit: edits, n: fc.nat(9) }).map((what) =>
        named(what, (world, model) => ({
          do: "save",
          user: what.user,
          body: edited(world, model, what.user, what.edit, what.n),
        })),
      ),
    ),
    weight(
      3,
      fc
        .record({ do: fc.constant("unassign" as const), user, action: removal })
        .map(({ action, ...what }) =>
          named({ ...what, action }, () => ({ ...what, ...(action && { action }) })),
        ),
    ),
    weight(
      1,
      fc.record({ do: fc.constant("leave" as const), user }).map((what) => named(what, () => what)),
    ),
  ];
  const ofAll = [
    weight(
      1,
      fc
        .record({
          do: fc.constant("remap" as const),
          title: fc.option(fc.constant("Fixed"), { nil: undefined }),
        })
        .map(({ title }) => named({ do: "remap", title }, () => ({ do: "remap", ...(title && { title }) }))),
    ),
    weight(1, fc.constant(named({ do: "rotate" }, () => ({ do: "rotate" })))),
    weight(
      2,
      fc.boolean().map((isRight) => named({ do: "reauth", isRight }, () => ({ do: "reauth", isRight }))),
    ),
    weight(1, fc.constant(named({ do: "recover" }, () => ({ do: "recover" })))),
    weight(
      1,
      fc.constantFrom(1, 31).map((days) => named({ do: "pass", days }, () => ({ do: "pass", days }))),
    ),
  ];
  return fc.oneof(...ofUsers, ...(groupsEnabled ? ofGroups : []), ...ofAll);
};

const ofGroups = [
  weight(
    5,
    fc
      .record({
        do: fc.constant("bind" as const),
        group,
        variant: fc.constantFrom("a", "b"),
        members: fc.option(someUsers, { nil: undefined, freq: 5 }),
      })
      .map((what) =>
        named(what, (world) => ({
          do: "bind",
          group: what.group,
          name: world.groupName(what.group, what.variant),
          ...(what.members && { members: what.members }),
        })),
      ),
  ),
  weight(
    5,
    fc
      .record({ do: fc.constant("change" as const), group, add: someUsers, remove: someUsers })
      .map((what) =>
        named(what, () => ({ ...what, remove: what.remove.filter((one) => !what.add.includes(one)) })),
      ),
  ),
  weight(
    1,
    fc.record({ do: fc.constant("unbind" as const), group, isDeleted: fc.boolean() }).map((what) =>
      named(what, () => ({
        do: "unbind",
        group: what.group,
        ...(what.isDeleted && { action: "delete" as const }),
      })),
    ),
  ),
];

export const aBody = (world: World, at: number): DirectoryUser => ({
  email: world.email(`u${at}`),
  firstname: "Ada",
  lastname: `Lovelace ${at}`,
  jobTitle: "Analyst",
});

const edited = (world: World, model: Model, at: number, edit: Edit, n: number): DirectoryUser => {
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
      return { ...before, manager: world.userId((at + 1) % userCount) };
    case "odd letters":
      return { ...before, displayname: `"O'Neil\\ & <Söhne> ${n}"`, department: "R&D" };
  }
};

export const policies: fc.Arbitrary<Policies> = fc.record({
  onUserUnassigned: fc.constantFrom("deprovision" as const, "delete" as const, "none" as const),
  onUserDeleted: fc.constantFrom("delete" as const, "deprovision" as const),
});

export const faults = (most: number): fc.Arbitrary<Fault[]> =>
  fc.array(
    fc.record({ route: fc.constantFrom(...routes), skip: fc.nat(2), kind: fc.constantFrom(...faultKinds) }),
    { maxLength: most, size: "max" },
  );
