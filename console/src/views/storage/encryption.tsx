// Which key traces are to be encrypted with; what that does here is said.
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { encryptionQuery, putEncryption } from '../../api/storage.ts';
import type { Encryption } from '../../api/storage.ts';
import { useWords } from '../../state/language.tsx';
import config from '../config/config.module.css';
import { Confirm, Field } from '../config/parts.tsx';
import type { Done } from '../config/parts.tsx';
import { Failure } from '../states.tsx';
import { SaveFooter, SettingPage, useSetting } from './setting.tsx';
import style from './storage.module.css';

export default function EncryptionPage() {
  const words = useWords();
  const query = useQuery(encryptionQuery());
  return (
    <SettingPage text={words('storage.encryptionText')} query={query}>
      {(now, onDone) => <Form key={now.keyId} now={now} onDone={onDone} />}
    </SettingPage>
  );
}

function Form({ now, onDone }: { now: Encryption; onDone: (done: Done) => void }) {
  const words = useWords();
  const [hasKey, setHasKey] = useState(now.keyId !== '');
  const [keyId, setKeyId] = useState(now.keyId);
  const [isAsking, ask] = useState(false);
  const next = hasKey ? keyId.trim() : '';
  const said = words('storage.encryptionSaved');
  const change = useSetting({
    key: 'encryption', now: now.keyId, put: putEncryption, said, onDone,
  }); // prettier-ignore
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
        <Choice hasKey={hasKey} onChange={setHasKey} />
        {hasKey && <KeyField keyId={keyId} isMissing={isMissing} onChange={setKeyId} />}
        {change.error && <Failure error={change.error} />}
        <SaveFooter isDisabled={isMissing || next === now.keyId || change.isPending} />
      </form>
      {isAsking && (
        <Confirm
          title={words('storage.encryptionAsk')}
          action={words('config.save')}
          isBusy={change.isPending}
          onConfirm={() => change.mutate(next, { onSettled: () => ask(false) })}
          onClose={() => ask(false)}
        >
          <p>{next === '' ? words('storage.noKey') : <code>{next}</code>}</p>
          <p className="quiet">{words('storage.encryptionText')}</p>
        </Confirm>
      )}
    </>
  );
}

function Choice(props: { hasKey: boolean; onChange: (hasKey: boolean) => void }) {
  const words = useWords();
  const { hasKey, onChange } = props;
  return (
    <fieldset className={style['choice']}>
      <legend>{words('storage.encryption')}</legend>
      {[false, true].map((one) => (
        <label key={String(one)}>
          <input type="radio" name="type" checked={hasKey === one} onChange={() => onChange(one)} />
          {words(one ? 'storage.withKey' : 'storage.withoutKey')}
        </label>
      ))}
    </fieldset>
  );
}

interface KeyProps {
  keyId: string;
  isMissing: boolean;
  onChange: (keyId: string) => void;
}

function KeyField({ keyId, isMissing, onChange }: KeyProps) {
  const words = useWords();
  return (
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
          onChange={(event) => onChange(event.target.value)}
        />
      )}
    </Field>
  );
}
