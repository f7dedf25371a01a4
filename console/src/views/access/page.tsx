// Resource policies: who may write here, as JSON. What they do here is said.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Plus } from 'lucide-react';
import { useState } from 'react';
import { deletePolicy, policiesQuery, putPolicy } from '../../api/storage.ts';
import type { Policy } from '../../api/storage.ts';
import { dateTime } from '../../lib/format.ts';
import { text } from '../../lib/search.ts';
import { useClock } from '../../state/clock.ts';
import { useWords } from '../../state/language.tsx';
import { useUrl } from '../../state/url.ts';
import config from '../config/config.module.css';
import { Confirm, Field, Head, Notice } from '../config/parts.tsx';
import type { Done } from '../config/parts.tsx';
import { FormEnd, PanelHead } from '../config/panel.tsx';
import { Empty, Failure, Skeleton } from '../states.tsx';
import style from './access.module.css';

const PARAMS = { policy: text() };
const NEW = '*';
/** There can be so many. */
const POLICIES_MAX = 5;

const TEMPLATE = JSON.stringify(
  {
    Version: '2012-10-17',
    Statement: [
      {
        Sid: 'AllowSegments',
        Effect: 'Allow',
        Principal: { Service: 'sns.amazonaws.com' },
        Action: ['xray:PutTraceSegments', 'xray:GetSamplingRules', 'xray:GetSamplingTargets'],
        Resource: '*',
      },
    ],
  },
  null,
  2,
);

export default function AccessPage() {
  const words = useWords();
  const { values, change } = useUrl(PARAMS);
  const query = useQuery(policiesQuery());
  const [done, setDone] = useState<Done>();
  if (query.error && !query.data) return <Failure error={query.error} />;
  if (!query.data) return <Skeleton rows={6} />;
  const policies = query.data;
  const start =
    values.policy === NEW
      ? { name: '', document: TEMPLATE, revision: '', updatedAt: 0 }
      : policies.find((one) => one.name === values.policy);
  return (
    <div className={config['page']}>
      <Head title={words('access.title')} text={words('access.text')}>
        <button
          type="button"
          className="button primary"
          disabled={policies.length >= POLICIES_MAX}
          onClick={() => change({ policy: NEW }, 'push')}
        >
          <Plus size={15} aria-hidden="true" /> {words('access.new')}
        </button>
      </Head>
      <div className={style['notes']}>
        {query.error && <Failure error={query.error} isStale />}
        <Notice done={done} onClose={() => setDone(undefined)} />
        <p className={config['note']}>
          <b>{words('access.noEffect')}</b> {words('access.noEffectText')}
        </p>
      </div>
      <div className={config['body']} data-panel={start !== undefined}>
        {policies.length === 0 ? (
          <section className="card">
            <Empty title={words('access.none')}>{words('access.noneText')}</Empty>
          </section>
        ) : (
          <PolicyTable
            policies={policies}
            chosen={values.policy}
            onChoose={(policy) => change({ policy }, 'push')}
          />
        )}
        {start && (
          <Editor
            key={`${start.name} ${start.revision}`}
            start={start}
            onDone={(what) => {
              setDone(what);
              change({ policy: '' });
            }}
            onClose={() => change({ policy: '' })}
          />
        )}
      </div>
    </div>
  );
}

interface TableProps {
  policies: readonly Policy[];
  chosen: string;
  onChoose: (name: string) => void;
}

function PolicyTable({ policies, chosen, onChoose }: TableProps) {
  const words = useWords();
  const clock = useClock();
  return (
    <section className={`card ${config['table']}`}>
      <table>
        <thead>
          <tr>
            <th>{words('access.policy')}</th>
            <th className="number">{words('access.revision')}</th>
            <th>{words('access.updated')}</th>
          </tr>
        </thead>
        <tbody>
          {policies.map((policy) => (
            <tr key={policy.name} aria-selected={policy.name === chosen}>
              <td>
                <button
                  type="button"
                  className={style['name']}
                  onClick={() => onChoose(policy.name)}
                >
                  {policy.name}
                </button>
              </td>
              <td className="number">{policy.revision}</td>
              <td>{dateTime(policy.updatedAt, clock)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

interface EditorProps {
  start: Policy;
  onDone: (done: Done) => void;
  onClose: () => void;
}

function Editor({ start, onDone, onClose }: EditorProps) {
  const words = useWords();
  const isNew = start.revision === '';
  const [name, setName] = useState(start.name);
  const [document, setDocument] = useState(() => indented(start.document));
  const [isAsking, ask] = useState(false);
  const { save, remove } = useChanges(start, onDone);
  const problem = jsonProblem(document);
  return (
    <aside className={`card ${config['panel']}`} aria-label={words('access.policy')}>
      <PanelHead
        title={isNew ? words('access.new') : start.name}
        onDelete={isNew ? undefined : () => ask(true)}
        onClose={onClose}
      />
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (!problem && name !== '') save.mutate({ ...start, name, document });
        }}
      >
        <Field label={words('access.name')} hint={words('access.nameHint')}>
          {(ids) => (
            <input
              {...ids}
              className="input"
              value={name}
              readOnly={!isNew}
              required
              maxLength={128}
              autoComplete="off"
              onChange={(event) => setName(event.target.value)}
            />
          )}
        </Field>
        <Field
          label={words('access.document')}
          hint={words('access.documentHint')}
          problem={problem}
        >
          {(ids) => (
            <textarea
              {...ids}
              className="input mono"
              rows={18}
              value={document}
              spellCheck={false}
              onChange={(event) => setDocument(event.target.value)}
            />
          )}
        </Field>
        <FormEnd
          isNew={isNew}
          isBusy={save.isPending}
          error={save.error ?? remove.error}
          onClose={onClose}
        />
      </form>
      {isAsking && (
        <Confirm
          title={words('access.deleteTitle', { name: start.name })}
          action={words('config.delete')}
          isBusy={remove.isPending}
          onConfirm={() => remove.mutate()}
          onClose={() => ask(false)}
        >
          <p>{words('access.deleteText')}</p>
        </Confirm>
      )}
    </aside>
  );
}

function indented(document: string): string {
  try {
    return JSON.stringify(JSON.parse(document), null, 2);
  } catch {
    return document;
  }
}

function jsonProblem(document: string): string | undefined {
  try {
    JSON.parse(document);
    return undefined;
  } catch (cause) {
    return cause instanceof Error ? cause.message : String(cause);
  }
}

function useChanges(start: Policy, onDone: (done: Done) => void) {
  const words = useWords();
  const client = useQueryClient();
  const again = () => client.invalidateQueries({ queryKey: ['policies'] });
  const save = useMutation({
    mutationFn: (policy: Policy) => putPolicy(policy),
    onSuccess: async (_, policy) => {
      await again();
      const isNew = start.revision === '';
      const undo = isNew
        ? () => deletePolicy({ ...policy, revision: '' })
        : () => putPolicy({ ...start, revision: '' });
      onDone({
        text: words(isNew ? 'config.created' : 'config.saved', { name: policy.name }),
        undo: () => void undo().finally(again),
      });
    },
  });
  const remove = useMutation({
    mutationFn: () => deletePolicy(start),
    onSuccess: async () => {
      await again();
      onDone({
        text: words('config.deleted', { name: start.name }),
        undo: () => void putPolicy({ ...start, revision: '' }).finally(again),
      });
    },
  });
  return { save, remove };
}
