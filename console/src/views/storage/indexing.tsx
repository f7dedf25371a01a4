// Which share of traces is to be indexed; what is in fact indexed is said beside it.
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { indexingQuery, updateIndexing } from '../../api/storage.ts';
import type { Indexing } from '../../api/storage.ts';
import { dateTime, percent } from '../../lib/format.ts';
import { useClock } from '../../state/clock.ts';
import { useWords } from '../../state/language.tsx';
import config from '../config/config.module.css';
import { Field } from '../config/parts.tsx';
import type { Done } from '../config/parts.tsx';
import { Failure } from '../states.tsx';
import { SaveFooter, SettingPage, useSetting } from './setting.tsx';
import style from './storage.module.css';

export default function IndexingPage() {
  const words = useWords();
  const query = useQuery(indexingQuery());
  return (
    <SettingPage text={words('storage.indexingText')} query={query}>
      {(rules, onDone) =>
        rules.map((rule) => (
          <RuleForm key={`${rule.name} ${rule.desired}`} rule={rule} onDone={onDone} />
        ))
      }
    </SettingPage>
  );
}

function RuleForm({ rule, onDone }: { rule: Indexing; onDone: (done: Done) => void }) {
  const words = useWords();
  const clock = useClock();
  const [typed, setTyped] = useState(String(rule.desired));
  const desired = typed.trim() === '' ? NaN : Number(typed);
  const isBad = !(desired >= 0 && desired <= 100);
  const change = useSetting({
    key: 'indexing',
    now: rule.desired,
    put: (to) => updateIndexing(rule.name, to),
    said: words('config.saved', { name: rule.name }),
    onDone,
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
      <SaveFooter isDisabled={isBad || desired === rule.desired || change.isPending} />
    </form>
  );
}
