/**
 * What a request asks of the members of a group, without their list: these users come and these go, whoever else is a
 * member; or these are all members there are, where none is `{ all: [] }`. No id is named twice, none both ways.
 */
export type MemberChange = { add: string[]; remove: string[] } | { all: string[] };

export const noMemberChange: MemberChange = { add: [], remove: [] };
