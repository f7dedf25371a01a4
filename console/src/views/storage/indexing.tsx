// Which share of traces is to be indexed; what is in fact indexed is said beside it.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { indexingQuery, updateIndexing } from '../../api/storage.ts';
import type { Indexing } from '../../api/storage.ts';
import { dateTime, percent } from '../../lib/format.ts';
import { useClock } from '../../state/clock.ts';
import { useWords } from '../../state/language.tsx';
import config from '../config/config.module.css';
import { Field, Head, Notice } from '../config/parts.tsx';
import type { Done } from '../config/parts.tsx';
import { Failure, Skeleton } from '../states.tsx';
import style from './storage.module.css';
import { StorageTabs } from './tabs.tsx';

export default function IndexingPage() {
  const words = useWords();
  const query = useQuery(indexingQuery());
  const [done, setDone] = useState<Done>();
  return (
    <div className={style['page']}>
      <Head title={words('storage.title')} text={words('storage.text')} />
      <StorageTabs />
      <Notice done={done} onClose={() => setDone(undefined)} />
      <div className={config['note']}>
        <p>
          <b>{words('storage.noEffect')}</b>
        </p>
        <p>{words('storage.indexingText')}</p>
      </div>
      {query.error && <Failure error={query.error} isStale={query.data !== undefined} />}
      {!query.data && !query.error && <Skeleton rows={5} />}
      {query.data?.map((rule) => (
        <RuleForm key={`${rule.name} ${rule.desired}`} rule={rule} onDone={setDone} />
      ))}
    </div>
  );
}

function RuleForm({ rule, onDone }: { rule: Indexing; onDone: (done: Done) => void }) {
  const words = useWords();
  const clock = useClock();
  const client = useQueryClient();
  const [typed, setTyped] = useState(String(rule.desired));
  const desired = typed.trim() === '' ? NaN : Number(typed);
  const isBad = !(desired >= 0 && desired <= 100);
  const change = useMutation({
    mutationFn: (to: number) => updateIndexing(rule.name, to),
    onSuccess: (_, to) => {
      const undo = () => change.mutate(rule.desired);
      onDone({
        text: words('config.saved', { name: rule.name }),
        ...(to !== rule.desired && { undo }),
      });
    },
    onSettled: () => client.invalidateQueries({ queryKey: ['indexing'] }),
  });
  return (
    <form
      className={`card ${config['card']}`}
      onSubmit={(event) => {
        event.preventDefault();
        if (!isBad) change.mutate(desired);
      }}
    >
      <h2>{rule.name}</h2>
      <dl className={config['facts']}>
        <dt>{words('storage.indexed')}</dt>
        <dd>{percent(rule.actual / 100)}</dd>
        {rule.modifiedAt > 0 && (
          <>
            <dt>{words('storage.changed')}</dt>
            <dd>{dateTime(rule.modifiedAt, clock)}</dd>
          </>
        )}
      </dl>
      <Field
        label={words('storage.wanted')}
        hint={words('storage.wantedHint')}
        problem={isBad ? words('storage.wantedBad') : undefined}
      >
        {(ids) => (
          <input
            {...ids}
            className={`input ${style['short']}`}
            type="number"
            min="0"
            max="100"
            step="any"
            value={typed}
            onChange={(event) => setTyped(event.target.value)}
          />
        )}
      </Field>
      {change.error && <Failure error={change.error} />}
      <footer>
        <button
          type="submit"
          className="button primary"
          disabled={isBad || desired === rule.desired || change.isPending}
        >
          {words('config.save')}
        </button>
      </footer>
    </form>
  );
}
