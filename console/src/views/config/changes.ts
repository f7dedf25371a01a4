// Making, changing and deleting what has a name and tags; each with a way back.
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { Tag } from '../../api/tags.ts';
import { useWords } from '../../state/language.tsx';
import type { Done } from './parts.tsx';

interface Named {
  name: string;
  arn: string;
}

/** How things of one kind are made, changed and deleted. */
export interface Kind<T> {
  /** What the query that lists them is called. */
  key: string;
  create: (one: T, tags: readonly Tag[]) => Promise<unknown>;
  update: (one: T, before: readonly Tag[] | undefined, tags: readonly Tag[]) => Promise<unknown>;
  remove: (name: string) => Promise<unknown>;
  /** The key of the words that say one is deleted. */
  deleted: string;
}

interface Saved<T> {
  next: T;
  /** Its tags as far as they are known. */
  before: readonly Tag[] | undefined;
  tags: readonly Tag[];
}

/** Returns what saves and what deletes `start`, and whether deleting is being asked about. */
export function useChanges<T extends Named>(
  kind: Kind<T>,
  start: T,
  isNew: boolean,
  onDone: (done: Done) => void,
) {
  const words = useWords();
  const client = useQueryClient();
  const [isAsking, ask] = useState(false);
  const again = async () => {
    await client.invalidateQueries({ queryKey: [kind.key] });
    await client.invalidateQueries({ queryKey: ['tags'] });
  };
  const save = useMutation({
    mutationFn: ({ next, before, tags }: Saved<T>) =>
      isNew ? kind.create(next, tags) : kind.update(next, before, tags),
    onSuccess: async (_, { next: { name }, before, tags }) => {
      await again();
      const undo = isNew
        ? () => kind.remove(name)
        : () => kind.update(start, before && tags, before ?? []);
      onDone({
        text: words(isNew ? 'config.created' : 'config.saved', { name }),
        undo: () => void undo().finally(again),
      });
    },
  });
  const remove = useMutation({
    mutationFn: async (tags: readonly Tag[]) => {
      await kind.remove(start.name);
      return tags;
    },
    onSuccess: async (tags) => {
      // Nobody asks for the tags of what is gone.
      client.removeQueries({ queryKey: ['tags', start.arn] });
      await client.invalidateQueries({ queryKey: [kind.key] });
      onDone({
        text: words(kind.deleted, { name: start.name }),
        undo: () => void kind.create(start, tags).finally(again),
      });
    },
    onSettled: () => ask(false),
  });
  return { save, remove, isAsking, ask };
}
