// The groups, by name.
import { queryOptions } from '@tanstack/react-query';
import { call } from './client.ts';

/** A named filter expression. */
export interface Group {
  name: string;
  filter: string;
}

interface GroupsAnswer {
  Groups?: { GroupName?: string | null; FilterExpression?: string | null }[];
  NextToken?: string | null;
}

async function allGroups(signal: AbortSignal): Promise<Group[]> {
  const groups: Group[] = [];
  let token: string | null = null;
  do {
    const answer: GroupsAnswer = await call(
      '/console/api/xray/GetGroups',
      token === null ? {} : { NextToken: token },
      signal,
    );
    for (const { GroupName, FilterExpression } of answer.Groups ?? []) {
      if (GroupName) groups.push({ name: GroupName, filter: FilterExpression ?? '' });
    }
    token = answer.NextToken ?? null;
  } while (token !== null);
  return groups.sort((a, b) => a.name.localeCompare(b.name));
}

/** Returns all groups but that of all traces. */
export function groupsQuery() {
  return queryOptions({
    queryKey: ['groups', 'names'],
    queryFn: async ({ signal }) =>
      (await allGroups(signal)).filter(({ name }) => name !== 'Default'),
    staleTime: 10_000,
  });
}
