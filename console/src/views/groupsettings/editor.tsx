// One group: its expression with how many traces it takes in, and what is looked for in it.
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { ListTree, Waypoints } from 'lucide-react';
import { useState } from 'react';
import {
  createGroup,
  deleteGroup,
  olderQuery,
  previewQuery,
  updateGroup,
} from '../../api/groupsettings.ts';
import { insightsQuery } from '../../api/insights.ts';
import { tagsQuery } from '../../api/tags.ts';
import type { Tag } from '../../api/tags.ts';
import { compact } from '../../lib/format.ts';
import { DEFAULT_GROUP, nameProblem } from '../../model/group.ts';
import type { Group, NameProblem } from '../../model/group.ts';
import { useWords } from '../../state/language.tsx';
import { useShortcuts } from '../../state/shortcuts.ts';
import { useChanges } from '../config/changes.ts';
import type { Kind } from '../config/changes.ts';
import config from '../config/config.module.css';
import { Confirm, Field, Switch, Tags } from '../config/parts.tsx';
import type { Done } from '../config/parts.tsx';
import { FormEnd, PanelHead } from '../config/panel.tsx';
import { Expression } from './expression.tsx';
import type { Read } from './expression.tsx';
import style from './groups.module.css';

const KIND: Kind<Group> = {
  key: 'groups',
  create: createGroup,
  update: updateGroup,
  remove: deleteGroup,
  deleted: 'groups.deleted',
};

interface Props {
  groups: readonly Group[];
  start: Group;
  isNew: boolean;
  onDone: (done: Done) => void;
  onClose: () => void;
  onCopy: (name: string) => void;
}

export function Editor({ groups, start, isNew, onDone, onClose, onCopy }: Props) {
  const words = useWords();
  const [draft, setDraft] = useState(start);
  const [isTried, setTried] = useState(false);
  const known = useQuery(tagsQuery(start.arn));
  const [changed, setTags] = useState<readonly Tag[]>();
  const tags = changed ?? known.data ?? [];
  const [read, setRead] = useState<Read>();
  const isDefault = start.name === DEFAULT_GROUP;
  const taken = groups.map((group) => group.name);
  const problem = isNew ? nameProblem(draft.name, taken) : undefined;
  const isRead = read?.text === draft.filter;
  const isBad = isRead && draft.filter !== '' && read.is.problems.length > 0;
  const isEmpty = !isDefault && draft.filter.trim() === '';
  const change = (next: Partial<Group>) => setDraft((before) => ({ ...before, ...next }));
  useShortcuts({ Escape: onClose });
  const { save, remove, isAsking, ask } = useChanges(KIND, start, isNew, onDone);
  const error = save.error ?? remove.error ?? known.error;
  return (
    <aside className={`card ${config['panel']}`} aria-label={words('groups.group')}>
      <PanelHead
        title={isNew ? words('groups.new') : start.name}
        onCopy={isNew || isDefault ? undefined : () => onCopy(start.name)}
        onDelete={isNew || isDefault ? undefined : () => ask(true)}
        onClose={onClose}
      />
      {!isNew && <Ways group={start} />}
      {!isNew && !isDefault && <Older group={start.name} />}
      <form
        onSubmit={(event) => {
          event.preventDefault();
          setTried(true);
          if (!problem && !isBad && !isEmpty)
            save.mutate({ next: draft, before: known.data, tags });
        }}
      >
        {isDefault ? (
          <p className="quiet">{words('groups.defaultText')}</p>
        ) : (
          <>
            <Name
              name={draft.name}
              isNew={isNew}
              problem={isTried || draft.name !== '' ? problem : undefined}
              change={change}
            />
            <Expression
              filter={draft.filter}
              read={read}
              isMissing={isEmpty && isTried}
              change={(filter) => change({ filter })}
              onRead={setRead}
            />
            <Count filter={draft.filter} isReadable={isRead && !isBad && !isEmpty} />
          </>
        )}
        <Watching draft={draft} change={change} />
        <Tags tags={tags} onChange={setTags} />
        <FormEnd isNew={isNew} isBusy={save.isPending} error={error} onClose={onClose} />
      </form>
      {isAsking && (
        <Deleting
          group={start}
          isBusy={remove.isPending}
          onConfirm={() => remove.mutate(tags)}
          onClose={() => ask(false)}
        />
      )}
    </aside>
  );
}

interface NameProps {
  name: string;
  isNew: boolean;
  problem: NameProblem | undefined;
  change: (next: Partial<Group>) => void;
}

function Name({ name, isNew, problem, change }: NameProps) {
  const words = useWords();
  return (
    <Field
      label={words('groups.name')}
      hint={words(isNew ? 'groups.nameHint' : 'groups.nameFixed')}
      problem={problem && words('groups.nameProblems', { problem })}
    >
      {(ids) => (
        <input
          {...ids}
          className="input"
          value={name}
          readOnly={!isNew}
          autoComplete="off"
          onChange={(event) => change({ name: event.target.value })}
        />
      )}
    </Field>
  );
}

interface WatchingProps {
  draft: Group;
  change: (next: Partial<Group>) => void;
}

/** Whether insights are looked for, and told. */
function Watching({ draft, change }: WatchingProps) {
  const words = useWords();
  return (
    <>
      <Switch
        label={words('groups.insights')}
        hint={words('groups.insightsHint')}
        isOn={draft.hasInsights}
        onChange={(hasInsights) => change({ hasInsights })}
      />
      <Switch
        label={words('groups.notifications')}
        hint={words('groups.notificationsHint')}
        isOn={draft.hasInsights && draft.hasNotifications}
        isDisabled={!draft.hasInsights}
        onChange={(hasNotifications) => change({ hasNotifications })}
      />
    </>
  );
}

/** Where a group can be looked at. */
function Ways({ group }: { group: Group }) {
  const words = useWords();
  const search = (group.name === DEFAULT_GROUP ? {} : { g: group.name }) as never;
  return (
    <p className={style['ways']}>
      <Link to={'/map' as never} search={search}>
        <Waypoints size={14} aria-hidden="true" /> {words('nav.map')}
      </Link>
      <Link to={'/traces' as never} search={search}>
        <ListTree size={14} aria-hidden="true" /> {words('nav.traces')}
      </Link>
    </p>
  );
}

/** Says that the graph is not that of the present filter alone. */
function Older({ group }: { group: string }) {
  const words = useWords();
  const { data } = useQuery(olderQuery(group));
  return data === true ? <p className={config['note']}>{words('groups.older')}</p> : null;
}

function Count({ filter, isReadable }: { filter: string; isReadable: boolean }) {
  const words = useWords();
  const { data, isPlaceholderData } = useQuery(previewQuery(filter, isReadable));
  if (!isReadable || !data) return <p className={style['count']} role="status" />;
  return (
    <p className={style['count']} role="status" data-stale={isPlaceholderData}>
      <b>{compact(data.matched)}</b>{' '}
      {words('groups.ofTotal', { total: compact(data.total), matched: data.matched })}{' '}
      {!data.exact && <span className="badge">{words('groups.notExact')}</span>}
    </p>
  );
}

interface DeletingProps {
  group: Group;
  isBusy: boolean;
  onConfirm: () => void;
  onClose: () => void;
}

function Deleting({ group, ...rest }: DeletingProps) {
  const words = useWords();
  const insights = useQuery(insightsQuery({ kind: 'last', length: 29 * 864e5 }, group.name));
  return (
    <Confirm
      title={words('groups.deleteTitle', { name: group.name })}
      action={words('config.delete')}
      word={(insights.data?.length ?? 0) > 0 ? group.name : undefined}
      {...rest}
    >
      <p>{words('groups.deleteText')}</p>
      <ul>
        <li>{words('groups.deleteGraph')}</li>
        <li>{words('groups.deleteInsights', { count: insights.data?.length ?? 0 })}</li>
        <li>{words('groups.deleteTags')}</li>
      </ul>
    </Confirm>
  );
}
