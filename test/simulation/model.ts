import { omit } from "../../shared/common/objects.ts";
import { type DirectoryUserInput, isActive } from "../../shared/model/directory.ts";
import type { Policies, Removal } from "../../shared/model/integration.ts";

export type ModelUser = {
  /** Absent where never saved, or deleted. */
  body?: DirectoryUserInput;
  /** Shut out, whatever the body says: it stays, also while the user is deleted. */
  locked?: true;
  direct: boolean;
  excluded: boolean;
  /** What is to become of the account of one who was taken out, and did not leave the directory since. */
  removal?: Removal;
  /** The integration ever held the user. */
  isLinked: boolean;
};
export type ModelGroup = {
  name?: string;
  members: number[];
  bound: boolean;
  /** Unbound, and to be deleted at the provider too. */
  isDeleted: boolean;
  isLinked: boolean;
};
/** What the directory and the assignments have to be, told by the calls alone. Users and groups by number. */
export type Model = {
  users: ModelUser[];
  groups: ModelGroup[];
  policies: Policies;
  /** E-mails that several users may have: only one of them can have the account. */
  sharedEmails: string[];
};

export const userCount = 6;
export const groupCount = 3;

export const emptyModel = (policies: Policies, sharedEmails: string[]): Model => ({
  sharedEmails,
  users: Array.from({ length: userCount }, () => ({ direct: false, excluded: false, isLinked: false })),
  groups: Array.from({ length: groupCount }, () => ({
    members: [],
    bound: false,
    isDeleted: false,
    isLinked: false,
  })),
  policies,
});

/** A call as it is made, with all that it says. */
export type Step =
  | { do: "save"; user: number; body: DirectoryUserInput }
  /** A change of a user who is there: nobody is brought back by it. */
  | { do: "patch"; user: number; body: DirectoryUserInput }
  | { do: "assign"; user: number; body?: DirectoryUserInput }
  | { do: "unassign"; user: number; action?: "deprovision" | "delete" }
  | { do: "lock" | "unlock"; user: number }
  /** Of one of the open holds, or of one person in it; `isOff`: with a count that is wrong. */
  | { do: "decide"; verdict: "approved" | "rejected"; hold: number; person?: number; isOff?: true }
  | { do: "leave"; user: number }
  /** The user is deleted from the directory, and no call does anything about it. */
  | { do: "gone"; user: number }
  /** What the pending work of the service does by itself for one whom groups alone hold. */
  | { do: "reconcile"; user: number }
  | { do: "bind"; group: number; name: string; members?: number[] }
  | { do: "change"; group: number; add: number[]; remove: number[] }
  /** Changes of a directory group that no call carries out. */
  | { do: "members"; group: number; add: number[]; remove: number[] }
  | { do: "rename"; group: number; name: string }
  | { do: "unbind"; group: number; action?: "delete" }
  | { do: "remap"; title?: string }
  | { do: "rotate" }
  | { do: "reauth"; isRight: boolean }
  | { do: "recover" }
  | { do: "pass"; seconds: number };

const changeUser = (model: Model, at: number, change: (user: ModelUser) => ModelUser): Model => ({
  ...model,
  users: model.users.map((user, index) => (index === at ? change(user) : user)),
});
const changeGroup = (model: Model, at: number, change: (group: ModelGroup) => ModelGroup): Model => ({
  ...model,
  groups: model.groups.map((group, index) => (index === at ? change(group) : group)),
});

/** The model after a step that the service took. */
export const applyStep = (model: Model, step: Step): Model => {
  switch (step.do) {
    case "save":
      return changeUser(present(model, step.user), step.user, (user) => ({ ...user, body: step.body }));
    case "patch":
      return model.users[step.user]?.body
        ? changeUser(model, step.user, (user) => ({ ...user, body: step.body }))
        : model;
    case "assign":
      return changeUser(step.body ? present(model, step.user) : model, step.user, ({ body, locked }) => {
        const saved = step.body ?? body;
        return {
          ...(saved && { body: saved }),
          ...(locked && { locked }),
          direct: true,
          excluded: false,
          isLinked: true,
        };
      });
    case "lock":
      return changeUser(model, step.user, (user) => (user.body ? { ...user, locked: true } : user));
    case "unlock":
      return changeUser(model, step.user, (user) => (user.body ? omit(user, "locked") : user));
    case "unassign":
      return changeUser(model, step.user, (user) => ({
        ...user,
        direct: false,
        excluded: true,
        removal: step.action ?? removalBy(model, step.user),
      }));
    case "gone":
      return model.users[step.user]?.body ? leaveDirectory(model, step.user) : model;
    case "leave":
      return takeOutLeaver(leaveDirectory(model, step.user), step.user);
    case "bind":
      return bindGroup(saveGroup(model, step), step.group);
    case "change":
      return holdMembers(changeMembers(model, step), step.group);
    case "members":
      return model.groups[step.group]?.name === undefined ? model : changeMembers(model, step);
    case "rename":
      return changeGroup(model, step.group, (group) =>
        group.name === undefined ? group : { ...group, name: step.name },
      );
    case "unbind":
      return changeGroup(model, step.group, (group) => ({
        ...group,
        bound: false,
        isDeleted: step.action === "delete" || group.isDeleted,
      }));
    default:
      return model;
  }
};

const changeMembers = (
  model: Model,
  { group, add, remove }: { group: number; add: number[]; remove: number[] },
): Model =>
  changeGroup(model, group, ({ members, ...before }) => ({
    ...before,
    members: [...new Set([...members, ...add])].filter((user) => !remove.includes(user)),
  }));

const saveGroup = (model: Model, { group, name, members }: Extract<Step, { do: "bind" }>): Model =>
  changeGroup(model, group, (before) => ({ ...before, name, members: members ?? before.members }));

const bindGroup = (model: Model, at: number): Model =>
  holdMembers(
    changeGroup(model, at, (group) => ({ ...group, bound: true, isDeleted: false, isLinked: true })),
    at,
  );

/** Whom a bound group holds has a link, so that a leaver call of the same round takes them out. */
const holdMembers = (model: Model, at: number): Model => {
  const { bound, members } = model.groups[at] as ModelGroup;
  const held = bound ? members.filter((user) => model.users[user]?.body) : [];
  return held.reduce(
    (now, member) => changeUser(now, member, (user) => ({ ...user, isLinked: true })),
    model,
  );
};

const leaveDirectory = (model: Model, at: number): Model => {
  const groups = model.groups.map((group) => ({
    ...group,
    members: group.members.filter((one) => one !== at),
  }));
  return { ...changeUser(model, at, ({ body: _, ...user }) => user), groups };
};

/** A leaver call that was cut off may have left one who is deleted in groups: who is saved again is in none of them. */
const present = (model: Model, at: number): Model =>
  model.users[at]?.body ? model : leaveDirectory(model, at);

/** Of one who has left the directory it is decided already. */
const removalBy = ({ users, policies }: Model, at: number): Removal =>
  users[at]?.body || users[at]?.excluded ? policies.onUserUnassigned : policies.onUserDeleted;

/** Who was brought back meanwhile stays. */
const takeOutLeaver = (model: Model, at: number): Model =>
  changeUser(model, at, (user) => {
    if (user.body) return user;
    return user.excluded
      ? { ...user, removal: model.policies.onUserDeleted }
      : { ...omit(user, "removal"), direct: false };
  });

/** Whether the user is to have an open account where anything holds them. */
export const isLetIn = ({ body, locked }: ModelUser): boolean =>
  body !== undefined && !locked && isActive(body);

/** A step as the single writes that other calls may come between. */
export const partsOf = (step: Step): ((model: Model) => Model)[] => {
  if (step.do === "assign" && step.body) {
    const { user, body } = step;
    return [
      (model) => applyStep(model, { do: "save", user, body }),
      (model) => applyStep(model, { do: "assign", user }),
    ];
  }
  if (step.do === "leave")
    return [(model) => leaveDirectory(model, step.user), (model) => takeOutLeaver(model, step.user)];
  if (step.do === "bind") return [(model) => saveGroup(model, step), (model) => bindGroup(model, step.group)];
  return [(model) => applyStep(model, step)];
};

/** A user is in scope while assigned directly or a member of a bound group, unless taken out. */
export const isHeld = (model: Model, at: number): boolean => {
  const user = model.users[at] as ModelUser;
  const isMember = model.groups.some(({ bound, members }) => bound && members.includes(at));
  return user.body !== undefined && !user.excluded && (user.direct || isMember);
};
