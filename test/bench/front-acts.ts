import { seedId } from "./front-fill.ts";
import type { FrontOptions } from "./front-options.ts";
import type { CallAnswer, Side } from "./front-side.ts";
import { person } from "./stage.ts";

/** A kind of call that is measured. */
export type Act = {
  name: string;
  /** How many in a turn. */
  count: number;
  /** Users that the directory must have. */
  needs: number;
  /** At most so many callers, since each has a group of its own; else as many as there are. */
  callers?: number;
  /** What the receipt must say: another answer would be another measurement. */
  expected: "created" | "updated" | "unchanged";
  /** Made before each turn: the call of the nth act, by this caller. */
  prepare(side: Side): (nth: number, caller: number) => Promise<CallAnswer>;
};

const idsOf = (count: number): string[] => Array.from({ length: count }, (_, at) => seedId(at));

/** Users: the first half of the directory is changed, the second half stays as it was written. */
export const userActs = ({ acts, users }: FrontOptions): Act[] => {
  const half = Math.floor(users / 2);
  return [
    {
      name: "create a user",
      count: acts,
      needs: users,
      expected: "created",
      prepare: (side) => () => {
        const userId = `new-${side.next()}`;
        return side.call("PUT", `/users/${userId}`, person(userId));
      },
    },
    {
      name: "update a user",
      count: acts,
      needs: users,
      expected: "updated",
      prepare: (side) => (nth) => {
        const userId = seedId(nth % half);
        return side.call("PUT", `/users/${userId}`, person(userId, `Title ${side.next()}`));
      },
    },
    {
      name: "unchanged user",
      count: acts,
      needs: users,
      expected: "unchanged",
      prepare: (side) => (nth) => {
        const userId = seedId(half + (nth % (users - half)));
        return side.call("PUT", `/users/${userId}`, person(userId));
      },
    },
  ];
};

/** Groups whose members are all provisioned, and one member more in each of those that were bound last. */
export const groupActs = ({ groups, joins, turns, sizes }: FrontOptions): Act[] =>
  sizes.flatMap((size): Act[] => {
    // A further turn is that of the profile.
    const needs = size + (turns + 1) * groups * joins;
    const bound = new Map<Side, { name: string; next: number }[]>();
    return [
      {
        name: `bind ${size} members`,
        count: groups,
        needs,
        callers: groups,
        expected: "created",
        prepare: (side) => {
          const made = Array.from({ length: groups }, () => ({ name: `group-${side.next()}`, next: size }));
          bound.set(side, made);
          return (nth) => {
            const name = made[nth]?.name;
            return side.call("PUT", `/groups/${name}`, { name, members: idsOf(size) });
          };
        },
      },
      {
        name: `one more than ${size}`,
        count: groups * joins,
        needs,
        callers: groups,
        expected: "updated",
        prepare: (side) => (_nth, caller) => {
          const group = bound.get(side)?.[caller];
          if (!group) throw new Error("no group was bound");
          return side.call("POST", `/groups/${group.name}/members`, { add: [seedId(group.next++)] });
        },
      },
    ];
  });
