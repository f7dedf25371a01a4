// Sampling rules: which requests are traced, tried from the top.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { moveRules, ratesQuery, rulesQuery } from '../../api/sampling.ts';
import { NEW_RULE, movesTo, ordered } from '../../model/sampling.ts';
import type { Move, Rule } from '../../model/sampling.ts';
import { useWords } from '../../state/language.tsx';
import { ListPage } from '../config/listpage.tsx';
import type { Done } from '../config/parts.tsx';
import { Editor } from './editor.tsx';
import { RuleTable } from './table.tsx';

export default function SamplingPage() {
  const words = useWords();
  const query = useQuery(rulesQuery());
  const rates = useQuery(ratesQuery());
  const done = useState<Done>();
  const move = useMove(query.data ?? [], done[1]);
  return (
    <ListPage
      title={words('sampling.title')}
      text={words('sampling.text')}
      create={words('sampling.new')}
      path="/config/sampling/{-$rule}"
      param="rule"
      query={query}
      done={done}
      error={move.error}
      draftOf={draftOf}
      table={(rules, chosen) => (
        <RuleTable
          rules={rules}
          rates={rates.data}
          chosen={chosen}
          isBusy={move.isPending}
          onMove={(rule, index) => move.mutate(movesTo(rules, rule, index))}
        />
      )}
      editor={(rules, { key, ...editing }) => <Editor key={key} rules={rules} {...editing} />}
    />
  );
}

/** Returns what the editor begins with, if there is something to edit. */
function draftOf(
  rules: readonly Rule[],
  name: string | undefined,
  isNew: string,
): Rule | undefined {
  if (name !== undefined) return rules.find((rule) => rule.name === name);
  if (isNew === '') return undefined;
  const of = rules.find((rule) => rule.name === isNew);
  const last = ordered(rules).at(-2)?.priority ?? 0;
  const priority = Math.min(9999, last + 100);
  return of ? { ...of, name: '', arn: '', priority } : { ...NEW_RULE, priority };
}

/** Changes the order; the notice takes it back. */
function useMove(rules: readonly Rule[], setDone: (done: Done) => void) {
  const words = useWords();
  const client = useQueryClient();
  const move = useMutation({
    mutationFn: async (moves: readonly Move[]) => {
      await moveRules(rules, moves);
      return moves.map(({ name }): Move => {
        return { name, priority: rules.find((rule) => rule.name === name)?.priority ?? 1 };
      });
    },
    onSuccess: (back, moves) => {
      if (moves.length === 0) return;
      setDone({ text: words('sampling.moved'), undo: () => move.mutate(back) });
    },
    onSettled: () => client.invalidateQueries({ queryKey: ['sampling rules'] }),
  });
  return move;
}
