// Groups.
import { queryOptions } from '@tanstack/react-query';
import { groupOf } from '../model/group.ts';
import type { Group, RawGroup } from '../model/group.ts';
import { retry } from './queries.ts';
import { pages } from './xray.ts';

/** Returns every group, `Default` first. */
export function groupsQuery() {
  return queryOptions({
    queryKey: ['groups'],
    queryFn: async ({ signal }): Promise<Group[]> => {
      const answers = await pages<{ Groups?: RawGroup[]; NextToken?: string | null }>(
        'GetGroups',
        {},
        signal,
      );
      return answers.flatMap((answer) => (answer.Groups ?? []).map(groupOf));
    },
    retry,
  });
}
