import { saveUser } from "../../../shared/directory/save-user.ts";
import type { DirectoryUserInput } from "../../../shared/model/directory.ts";
import { changeGroupMembers } from "../../../shared/provisioning/calls/change-group-members.ts";
import { deleteGroup } from "../../../shared/provisioning/calls/delete-group.ts";
import { deleteUser } from "../../../shared/provisioning/calls/delete-user.ts";
import { deprovisionUser } from "../../../shared/provisioning/calls/deprovision-user.ts";
import { lockUser, unlockUser } from "../../../shared/provisioning/calls/lock-user.ts";
import { provisionGroup } from "../../../shared/provisioning/calls/provision-group.ts";
import { provisionUser } from "../../../shared/provisioning/calls/provision-user.ts";
import { type Chance, weighted } from "../../simulation/chance.ts";
import type { TwoServices } from "./two-services.ts";

const userCount = 60;
const groupCount = 12;

/** `addresses`: all that they have had, which stay theirs until they leave, as a change of name may not be sent yet. */
export type User = {
  body: DirectoryUserInput;
  isHeld: boolean;
  isLocked: boolean;
  addresses: ReadonlySet<string>;
};
/** What the calls have made of the directory, as its caller knows it. */
export type Wanted = {
  users: Map<string, User>;
  groups: Map<string, { name: string; members: Set<string> }>;
};

/** One random operation, carried out by the service and noted in what is wanted. Answers with what it was. */
export const operate = async (services: TwoServices, wanted: Wanted, nth: number): Promise<string> => {
  const { ports, aCall, integrationId, chance } = services;
  const { users, groups } = wanted;
  const userId = `user-${chance.upTo(userCount)}`;
  const groupId = `group-${chance.upTo(groupCount)}`;
  const [user, group] = [users.get(userId), groups.get(groupId)];
  const someUsers = (most: number) =>
    [...new Set(Array.from({ length: chance.upTo(most + 1) }, () => chance.pick([...users.keys()])))].filter(
      (id) => id !== undefined,
    );

  const assign = async (body: DirectoryUserInput): Promise<string> => {
    const isLocked = user?.isLocked ?? (await ports.users.read(userId))?.lock !== undefined;
    users.set(userId, { ...savedAs(user, body), isHeld: true, isLocked });
    await provisionUser(ports, aCall(), { integrationId, userId }, body);
    return `assign ${userId} ${JSON.stringify(body)}`;
  };
  if (!user) return assign(aBody(wanted, chance, userId));

  const make = weighted<() => Promise<string>>(chance, [
    [8, () => assign(edited(wanted, chance, { userId, nth }))],
    [
      8,
      async () => {
        const body = edited(wanted, chance, { userId, nth });
        users.set(userId, savedAs(user, body));
        await saveUser({ ports, call: aCall() }, userId, body);
        return `save ${userId} ${JSON.stringify(body)}`;
      },
    ],
    [
      2,
      async () => {
        const isLocked = !user.isLocked;
        users.set(userId, { ...user, isLocked });
        await (isLocked
          ? lockUser(ports, aCall(), userId, "drill")
          : unlockUser(ports, aCall(), userId, "over"));
        return `${isLocked ? "lock" : "unlock"} ${userId}`;
      },
    ],
    [
      3,
      async () => {
        users.delete(userId);
        for (const { members } of groups.values()) members.delete(userId);
        await deleteUser(ports, aCall(), userId);
        return `leave ${userId}`;
      },
    ],
    [
      1,
      async () => {
        users.set(userId, { ...user, isHeld: false });
        await deprovisionUser(ports, aCall(), { integrationId, userId }, { action: "delete" });
        return `take out ${userId}`;
      },
    ],
    [
      3,
      async () => {
        const name = `${chance.pick(["Team", "team", "Größe", 'The "best"'])} ${groupId} ${chance.upTo(4)}`;
        const members = chance.isTrue(0.5) || !group ? someUsers(12) : undefined;
        groups.set(groupId, { name, members: members ? new Set(members) : (group?.members ?? new Set()) });
        const wish = { name, ...(members && { members }), existing: "replace" as const };
        await provisionGroup(ports, aCall(), { integrationId, groupId }, wish);
        return `bind ${groupId} ${name}: ${members?.join() ?? "as it is"}`;
      },
    ],
    [
      8,
      async () => {
        if (!group) return "nothing";
        const add = someUsers(4);
        const remove = [...group.members].filter((id) => !add.includes(id) && chance.isTrue(0.2));
        for (const id of add) group.members.add(id);
        for (const id of remove) group.members.delete(id);
        await changeGroupMembers(ports, aCall(), { integrationId, groupId }, { add, remove });
        return `members of ${groupId}: + ${add.join()} - ${remove.join()}`;
      },
    ],
    [
      1,
      async () => {
        if (!group) return "nothing";
        groups.delete(groupId);
        await deleteGroup(ports, aCall(), groupId);
        return `end ${groupId}`;
      },
    ],
  ]);
  return make();
};

const savedAs = (user: User | undefined, body: DirectoryUserInput): User => ({
  ...(user ?? { isHeld: true, isLocked: false }),
  body,
  addresses: new Set([...(user?.addresses ?? []), body.email.toLowerCase()]),
});

/** Whoever comes may get an address that a leaver had. */
const aBody = ({ users }: Wanted, chance: Chance, userId: string): DirectoryUserInput => {
  const own = `${userId}@example.com`;
  const taken = new Set([...users.values()].flatMap(({ addresses }) => [...addresses]));
  const others = Array.from({ length: userCount }, (_, at) => `User-${at}.b@example.com`).filter(
    (email) => !taken.has(email.toLowerCase()),
  );
  const email = (chance.isTrue(0.3) || taken.has(own)) && others.length > 0 ? chance.pick(others) : own;
  return { email, firstname: "Ada", lastname: `Lovelace ${userId}` };
};

const edited = (
  wanted: Wanted,
  chance: Chance,
  { userId, nth }: { userId: string; nth: number },
): DirectoryUserInput => {
  const { body } = wanted.users.get(userId) as User;
  const { suspended, ...active } = body;
  const { phoneNumbers: _, addresses: __, department: ___, middlename: ____, ...bare } = body;
  const peers = [...wanted.users.keys()].filter((id) => id !== userId);
  const changes: (() => DirectoryUserInput)[] = [
    () => ({ ...body, email: aBody(wanted, chance, userId).email }),
    () => ({ ...body, firstname: chance.pick(["Ada", "Zoë", "李", "O'Neil"]), middlename: `M ${nth}` }),
    () => ({ ...body, displayname: `"${nth}" \\ <R&D>`, jobTitle: `Title ${nth}`, employeeType: "Staff" }),
    () => ({
      ...body,
      department: "R&D",
      costCenter: `${nth}`,
      company: "Example",
      employeeIdentifier: `e${nth}`,
    }),
    () => ({
      ...body,
      phoneNumbers: [
        { type: "work", number: `+1 ${nth}` },
        { type: "mobile", number: `+2 ${nth}` },
      ],
    }),
    () => ({
      ...body,
      addresses: [
        {
          type: "work",
          streetAddress: `${nth} Main Street`,
          locality: "London",
          postalCode: "N1",
          country: "GB",
        },
      ],
    }),
    () => (peers.length > 0 ? { ...body, manager: chance.pick(peers) } : body),
    () => ({ ...body, suspended: true }),
    () => active,
    () => active,
    () => bare,
  ];
  return chance.pick(changes)();
};
