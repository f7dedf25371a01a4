// A page of settings that the API keeps and that change nothing here, which is said first.
import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { UseQueryResult } from '@tanstack/react-query';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { useWords } from '../../state/language.tsx';
import config from '../config/config.module.css';
import { Head, Notice } from '../config/parts.tsx';
import type { Done } from '../config/parts.tsx';
import { Failure, Skeleton } from '../states.tsx';
import style from './storage.module.css';
import { StorageTabs } from './tabs.tsx';

interface Props<T> {
  /** What the setting does here. */
  text: string;
  query: UseQueryResult<T>;
  /** What changes it, once it is known. */
  children: (now: T, onDone: (done: Done) => void) => ReactNode;
}

export function SettingPage<T>({ text, query, children }: Props<T>) {
  const words = useWords();
  const [done, setDone] = useState<Done>();
  const { data, error } = query;
  return (
    <div className={style['page']}>
      <Head title={words('storage.title')} text={words('storage.text')} />
      <StorageTabs />
      <Notice done={done} onClose={() => setDone(undefined)} />
      <div className={config['note']}>
        <p>
          <b>{words('storage.noEffect')}</b>
        </p>
        <p>{text}</p>
      </div>
      {error && <Failure error={error} isStale={data !== undefined} />}
      {data === undefined && !error && <Skeleton rows={5} />}
      {data !== undefined && children(data, setDone)}
    </div>
  );
}

/** How one setting is changed. */
interface Setting<T> {
  /** What the query of it is called. */
  key: string;
  now: T;
  put: (to: T) => Promise<unknown>;
  /** What is said when it was changed. */
  said: string;
  onDone: (done: Done) => void;
}

/** Returns what changes a setting; what is said then has a way back. */
export function useSetting<T extends string | number>({ key, now, put, said, onDone }: Setting<T>) {
  const client = useQueryClient();
  const change = useMutation({
    mutationFn: put,
    onSuccess: (_, to) => {
      const undo = () => change.mutate(now);
      onDone({ text: said, ...(to !== now && { undo }) });
    },
    onSettled: () => client.invalidateQueries({ queryKey: [key] }),
  });
  return change;
}

/** The button below a setting. */
export function SaveFooter({ isDisabled }: { isDisabled: boolean }) {
  const words = useWords();
  return (
    <footer>
      <button type="submit" className="button primary" disabled={isDisabled}>
        {words('config.save')}
      </button>
    </footer>
  );
}
