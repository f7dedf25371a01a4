// What is set for groups, what a filter expression would take in, and changes of groups.
import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import type { Group } from '../model/group.ts';
import { call } from './client.ts';
import { retry } from './queries.ts';
import { changeTags, rawTags } from './tags.ts';
import type { Tag } from './tags.ts';
import { pages, xray } from './xray.ts';

const HOUR_MS = 36e5;

/** What a filter expression takes in. */
export interface Preview {
  matched: number;
  total: number;
  exact: boolean;
  /** Microseconds since the epoch. */
  latest: number | null;
}

/** Returns how many traces of the last hour a filter takes in. */
export function previewQuery(filter: string, isWanted = true) {
  return queryOptions({
    queryKey: ['preview', filter],
    queryFn: ({ signal }) => {
      const now = Date.now();
      return call<Preview>(
        '/console/api/groups/preview',
        { from: (now - HOUR_MS) * 1e3, to: now * 1e3, filter },
        signal,
      );
    },
    enabled: isWanted,
    placeholderData: keepPreviousData,
    staleTime: 10_000,
    retry,
  });
}

/** Returns whether the graph of the last hour has traces that an earlier filter of the group took in. */
export function olderQuery(group: string) {
  return queryOptions({
    queryKey: ['older versions', group],
    queryFn: async ({ signal }): Promise<boolean> => {
      const now = Date.now() / 1e3;
      const answers = await pages<{
        ContainsOldGroupVersions?: boolean | null;
        NextToken?: string | null;
      }>(
        'GetServiceGraph',
        { GroupName: group, StartTime: now - HOUR_MS / 1e3, EndTime: now },
        signal,
      );
      return answers.some((answer) => answer.ContainsOldGroupVersions === true);
    },
    retry,
  });
}

function rawOf(group: Group) {
  return {
    GroupName: group.name,
    ...(group.filter !== '' && { FilterExpression: group.filter }),
    InsightsConfiguration: {
      InsightsEnabled: group.hasInsights,
      NotificationsEnabled: group.hasInsights && group.hasNotifications,
    },
  };
}

export async function createGroup(group: Group, tags: readonly Tag[]): Promise<void> {
  await xray('CreateGroup', { ...rawOf(group), Tags: rawTags(tags) });
}

/** Changes a group, and its tags where they are known. */
export async function updateGroup(
  group: Group,
  before?: readonly Tag[],
  tags: readonly Tag[] = [],
): Promise<void> {
  await xray('UpdateGroup', rawOf(group));
  if (before) await changeTags(group.arn, before, tags);
}

export async function deleteGroup(name: string): Promise<void> {
  await xray('DeleteGroup', { GroupName: name });
}
