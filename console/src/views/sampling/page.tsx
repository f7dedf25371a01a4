// Sampling rules: which requests are traced, tried from the top.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useParams } from '@tanstack/react-router';
import { Plus } from 'lucide-react';
import { useState } from 'react';
import { moveRules, ratesQuery, rulesQuery } from '../../api/sampling.ts';
import { text } from '../../lib/search.ts';
import { NEW_RULE, movesTo, ordered } from '../../model/sampling.ts';
import type { Move, Rule } from '../../model/sampling.ts';
import { useWords } from '../../state/language.tsx';
import { useUrl } from '../../state/url.ts';
import { Head, Notice } from '../config/parts.tsx';
import type { Done } from '../config/parts.tsx';
import style from '../config/config.module.css';
import { Failure, Skeleton } from '../states.tsx';
import { Editor } from './editor.tsx';
import { RuleTable } from './table.tsx';

/** `new`: a rule is being made, `*` from nothing or as a copy of the one named. */
const PARAMS = { new: text() };
const PAGE = '/config/sampling/{-$rule}';

export default function SamplingPage() {
  const words = useWords();
  const navigate = useNavigate();
  const { rule: name } = useParams({ strict: false }) as { rule?: string };
  const { values } = useUrl(PARAMS);
  const query = useQuery(rulesQuery());
  const rates = useQuery(ratesQuery());
  const [done, setDone] = useState<Done>();
  const move = useMove(query.data ?? [], setDone);
  const go = (rule: string | undefined, isNew = '') =>
    void navigate({
      to: PAGE as never,
      params: { rule } as never,
      search: (isNew === '' ? {} : { new: isNew }) as never,
    });
  if (query.error && !query.data) return <Failure error={query.error} />;
  if (!query.data) return <Skeleton rows={10} />;
  const rules = query.data;
  const draft = draftOf(rules, name, values.new);
  return (
    <div className={style['page']}>
      <Head title={words('sampling.title')} text={words('sampling.text')}>
        <button type="button" className="button primary" onClick={() => go(undefined, '*')}>
          <Plus size={15} aria-hidden="true" /> {words('sampling.new')}
        </button>
      </Head>
      <div>
        {move.error && <Failure error={move.error} />}
        {query.error && <Failure error={query.error} isStale />}
        <Notice done={done} onClose={() => setDone(undefined)} />
      </div>
      <div className={style['body']} data-panel={draft !== undefined}>
        <RuleTable
          rules={rules}
          rates={rates.data}
          chosen={name ?? ''}
          isBusy={move.isPending}
          onMove={(rule, index) => move.mutate(movesTo(rules, rule, index))}
        />
        {draft && (
          <Editor
            // A draft belongs to its rule.
            key={`${name} ${values.new}`}
            rules={rules}
            start={draft}
            isNew={name === undefined}
            onDone={(what) => {
              setDone(what);
              go(undefined);
            }}
            onClose={() => go(undefined)}
            onCopy={(of) => go(undefined, of)}
          />
        )}
      </div>
    </div>
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
