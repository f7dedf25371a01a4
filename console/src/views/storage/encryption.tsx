// Which key traces are to be encrypted with; what that does here is said.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { encryptionQuery, putEncryption } from '../../api/storage.ts';
import type { Encryption } from '../../api/storage.ts';
import { useWords } from '../../state/language.tsx';
import config from '../config/config.module.css';
import { Confirm, Field, Head, Notice } from '../config/parts.tsx';
import type { Done } from '../config/parts.tsx';
import { Failure, Skeleton } from '../states.tsx';
import { StorageTabs } from './tabs.tsx';
import style from './storage.module.css';

export default function EncryptionPage() {
  const words = useWords();
  const query = useQuery(encryptionQuery());
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
        <p>{words('storage.encryptionText')}</p>
      </div>
      {query.error && <Failure error={query.error} isStale={query.data !== undefined} />}
      {!query.data && !query.error && <Skeleton rows={5} />}
      {query.data && <Form key={query.data.keyId} now={query.data} onDone={setDone} />}
    </div>
  );
}

function Form({ now, onDone }: { now: Encryption; onDone: (done: Done) => void }) {
  const words = useWords();
  const client = useQueryClient();
  const [hasKey, setHasKey] = useState(now.keyId !== '');
  const [keyId, setKeyId] = useState(now.keyId);
  const [isAsking, ask] = useState(false);
  const next = hasKey ? keyId.trim() : '';
  const change = useMutation({
    mutationFn: (to: string) => putEncryption(to),
    onSuccess: (_, to) => {
      const undo = () => change.mutate(now.keyId);
      onDone({ text: words('storage.encryptionSaved'), ...(to !== now.keyId && { undo }) });
    },
    onSettled: () => {
      ask(false);
      return client.invalidateQueries({ queryKey: ['encryption'] });
    },
  });
  const isMissing = hasKey && next === '';
  return (
    <>
      <form
        className={`card ${config['card']}`}
        onSubmit={(event) => {
          event.preventDefault();
          if (!isMissing) ask(true);
        }}
      >
        <dl className={config['facts']}>
          <dt>{words('storage.asked')}</dt>
          <dd>{now.keyId === '' ? words('storage.noKey') : <code>{now.keyId}</code>}</dd>
          <dt>{words('storage.onDisk')}</dt>
          <dd>{words('storage.plain')}</dd>
        </dl>
        <fieldset className={style['choice']}>
          <legend>{words('storage.encryption')}</legend>
          {[false, true].map((one) => (
            <label key={String(one)}>
              <input
                type="radio"
                name="type"
                checked={hasKey === one}
                onChange={() => setHasKey(one)}
              />
              {words(one ? 'storage.withKey' : 'storage.withoutKey')}
            </label>
          ))}
        </fieldset>
        {hasKey && (
          <Field
            label={words('storage.key')}
            hint={words('storage.keyHint')}
            problem={isMissing ? words('storage.keyMissing') : undefined}
          >
            {(ids) => (
              <input
                {...ids}
                className="input mono"
                value={keyId}
                maxLength={3000}
                spellCheck={false}
                autoComplete="off"
                onChange={(event) => setKeyId(event.target.value)}
              />
            )}
          </Field>
        )}
        {change.error && <Failure error={change.error} />}
        <footer>
          <button
            type="submit"
            className="button primary"
            disabled={isMissing || next === now.keyId || change.isPending}
          >
            {words('config.save')}
          </button>
        </footer>
      </form>
      {isAsking && (
        <Confirm
          title={words('storage.encryptionAsk')}
          action={words('config.save')}
          isBusy={change.isPending}
          onConfirm={() => change.mutate(next)}
          onClose={() => ask(false)}
        >
          <p>{next === '' ? words('storage.noKey') : <code>{next}</code>}</p>
          <p className="quiet">{words('storage.encryptionText')}</p>
        </Confirm>
      )}
    </>
  );
}
