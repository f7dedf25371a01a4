// A page of things with names: a table of them and, beside it, the editor of the one that is chosen or
// being made. Which one stands in the address.
import type { UseQueryResult } from '@tanstack/react-query';
import { useNavigate, useParams } from '@tanstack/react-router';
import { Plus } from 'lucide-react';
import type { ReactNode } from 'react';
import { text } from '../../lib/search.ts';
import { useUrl } from '../../state/url.ts';
import { Failure, Skeleton } from '../states.tsx';
import config from './config.module.css';
import { Head, Notice } from './parts.tsx';
import type { Done } from './parts.tsx';

/** `new`: one is being made, `*` from nothing or as a copy of the one named. */
const PARAMS = { new: text() };

/** What an editor is given. */
export interface Editing<T> {
  /** Tells one draft from the next: it belongs to what it is a draft of. */
  key: string;
  start: T;
  isNew: boolean;
  onDone: (done: Done) => void;
  onClose: () => void;
  onCopy: (name: string) => void;
}

interface Props<T> {
  title: string;
  text: string;
  /** What the button is called that makes one. */
  create: string;
  /** The page's path, and the parameter in it that names one. */
  path: string;
  param: string;
  query: UseQueryResult<readonly T[]>;
  /** What was done last, and who is told of the next. */
  done: readonly [Done | undefined, (done: Done | undefined) => void];
  /** What else went wrong. */
  error?: Error | null;
  /** Returns what the editor begins with, if there is something to edit; `copied` as `new` above. */
  draftOf: (all: readonly T[], name: string | undefined, copied: string) => T | undefined;
  table: (all: readonly T[], chosen: string) => ReactNode;
  editor: (all: readonly T[], editing: Editing<T>) => ReactNode;
}

export function ListPage<T>(props: Props<T>) {
  const { path, param, query, error } = props;
  const [done, setDone] = props.done;
  const navigate = useNavigate();
  const name = (useParams({ strict: false }) as Record<string, string | undefined>)[param];
  const { values } = useUrl(PARAMS);
  const go = (to: string | undefined, copied = '') =>
    void navigate({
      to: path as never,
      params: { [param]: to } as never,
      search: (copied === '' ? {} : { new: copied }) as never,
    });
  if (query.error && !query.data) return <Failure error={query.error} />;
  if (!query.data) return <Skeleton rows={10} />;
  const start = props.draftOf(query.data, name, values.new);
  const editing = start && {
    start,
    key: `${name} ${values.new}`,
    isNew: name === undefined,
    onDone: (what: Done) => {
      setDone(what);
      go(undefined);
    },
    onClose: () => go(undefined),
    onCopy: (of: string) => go(undefined, of),
  };
  return (
    <div className={config['page']}>
      <Head title={props.title} text={props.text}>
        <button type="button" className="button primary" onClick={() => go(undefined, '*')}>
          <Plus size={15} aria-hidden="true" /> {props.create}
        </button>
      </Head>
      <div>
        {error && <Failure error={error} />}
        {query.error && <Failure error={query.error} isStale />}
        <Notice done={done} onClose={() => setDone(undefined)} />
      </div>
      <div className={config['body']} data-panel={editing !== undefined}>
        {props.table(query.data, name ?? '')}
        {editing && props.editor(query.data, editing)}
      </div>
    </div>
  );
}
