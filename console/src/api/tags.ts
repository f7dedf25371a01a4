// Tags of groups and sampling rules.
import { queryOptions } from '@tanstack/react-query';
import { retry } from './queries.ts';
import { xray } from './xray.ts';

export interface Tag {
  key: string;
  value: string;
}

interface TagsAnswer {
  Tags?: { Key?: string | null; Value?: string | null }[];
}

/** Returns the tags of what has this ARN; of what has none yet, no tags. */
export function tagsQuery(arn: string) {
  return queryOptions({
    queryKey: ['tags', arn],
    queryFn: async ({ signal }): Promise<Tag[]> => {
      const answer = await xray<TagsAnswer>('ListTagsForResource', { ResourceARN: arn }, signal);
      return (answer.Tags ?? []).map((tag) => ({ key: tag.Key ?? '', value: tag.Value ?? '' }));
    },
    enabled: arn !== '',
    retry,
  });
}

/** Returns tags as requests have them; those without a key are left out. */
export function rawTags(tags: readonly Tag[]) {
  return tags.filter((tag) => tag.key !== '').map((tag) => ({ Key: tag.key, Value: tag.value }));
}

/** Makes the tags of a resource what they should be. */
export async function changeTags(
  arn: string,
  before: readonly Tag[],
  after: readonly Tag[],
): Promise<void> {
  const kept = new Set(after.map((tag) => tag.key));
  const gone = before.map((tag) => tag.key).filter((key) => !kept.has(key));
  const old = new Map(before.map((tag) => [tag.key, tag.value]));
  const changed = rawTags(after).filter((tag) => old.get(tag.Key) !== tag.Value);
  if (gone.length > 0) await xray('UntagResource', { ResourceARN: arn, TagKeys: gone });
  if (changed.length > 0) await xray('TagResource', { ResourceARN: arn, Tags: changed });
}
