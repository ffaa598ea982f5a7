/**
 * What a request asks of the members of a group, without their list: these users come and these go, whoever else is a
 * member; or these are all members there are, where none is `{ all: [] }`. No id is named twice, none both ways.
 */
export type MemberChange = { add: string[]; remove: string[] } | { all: string[] };

/** Collects the changes of one request, in their order. */
export type MemberEdits = {
  add(ids: string[]): void;
  remove(ids: string[]): void;
  replace(ids: string[]): void;
  change(): MemberChange;
};

export const startMemberEdits = (): MemberEdits => {
  let isReplaced = false;
  let added = new Set<string>();
  let removed = new Set<string>();
  return {
    add(ids) {
      for (const id of ids) {
        removed.delete(id);
        added.add(id);
      }
    },
    remove(ids) {
      for (const id of ids) {
        added.delete(id);
        if (!isReplaced) removed.add(id);
      }
    },
    replace(ids) {
      isReplaced = true;
      added = new Set(ids);
      removed = new Set();
    },
    change: () => (isReplaced ? { all: [...added] } : { add: [...added], remove: [...removed] }),
  };
};
