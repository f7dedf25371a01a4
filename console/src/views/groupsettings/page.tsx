// Groups: named filter expressions, each with a service graph and, if wanted, insights of its own.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate, useParams } from '@tanstack/react-router';
import { Plus } from 'lucide-react';
import { useState } from 'react';
import { groupsQuery } from '../../api/groups.ts';
import { previewQuery, updateGroup } from '../../api/groupsettings.ts';
import { compact, percent } from '../../lib/format.ts';
import { text } from '../../lib/search.ts';
import { DEFAULT_GROUP, freeName } from '../../model/group.ts';
import type { Group } from '../../model/group.ts';
import { useWords } from '../../state/language.tsx';
import { useUrl } from '../../state/url.ts';
import config from '../config/config.module.css';
import { Head, Notice, Switch } from '../config/parts.tsx';
import type { Done } from '../config/parts.tsx';
import { Failure, Skeleton } from '../states.tsx';
import { Editor } from './editor.tsx';
import style from './groups.module.css';

/** `new`: a group is being made, `*` from nothing or as a copy of the one named; `q` its filter. */
const PARAMS = { new: text(), q: text() };
const PAGE = '/config/groups/{-$name}';

export default function GroupsPage() {
  const words = useWords();
  const navigate = useNavigate();
  const { name } = useParams({ strict: false }) as { name?: string };
  const { values } = useUrl(PARAMS);
  const query = useQuery(groupsQuery());
  const [done, setDone] = useState<Done>();
  const go = (group: string | undefined, isNew = '') =>
    void navigate({
      to: PAGE as never,
      params: { name: group } as never,
      search: (isNew === '' ? {} : { new: isNew }) as never,
    });
  if (query.error && !query.data) return <Failure error={query.error} />;
  if (!query.data) return <Skeleton rows={10} />;
  const groups = query.data;
  const draft = draftOf(groups, name, values.new, values.q);
  return (
    <div className={config['page']}>
      <Head title={words('groups.title')} text={words('groups.text')}>
        <button type="button" className="button primary" onClick={() => go(undefined, '*')}>
          <Plus size={15} aria-hidden="true" /> {words('groups.new')}
        </button>
      </Head>
      <div>
        {query.error && <Failure error={query.error} isStale />}
        <Notice done={done} onClose={() => setDone(undefined)} />
      </div>
      <div className={config['body']} data-panel={draft !== undefined}>
        <GroupTable groups={groups} chosen={name ?? ''} />
        {draft && (
          <Editor
            // A draft belongs to its group.
            key={`${name} ${values.new}`}
            groups={groups}
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
  groups: readonly Group[],
  name: string | undefined,
  isNew: string,
  filter: string,
): Group | undefined {
  if (name !== undefined) return groups.find((group) => group.name === name);
  if (isNew === '') return undefined;
  const of = groups.find((group) => group.name === isNew);
  const taken = groups.map((group) => group.name);
  if (of) return { ...of, name: freeName(of.name, taken), arn: '' };
  return { name: '', arn: '', filter, hasInsights: false, hasNotifications: false };
}

function GroupTable({ groups, chosen }: { groups: readonly Group[]; chosen: string }) {
  const words = useWords();
  return (
    <section className={`card ${config['table']} ${style['groups']}`}>
      <table>
        <thead>
          <tr>
            <th>{words('groups.group')}</th>
            <th>{words('groups.filter')}</th>
            <th className="number">{words('groups.traffic')}</th>
            <th>{words('groups.insights')}</th>
            <th>{words('groups.notifications')}</th>
          </tr>
        </thead>
        <tbody>
          {groups.map((group) => (
            <Row key={group.name} group={group} isChosen={group.name === chosen} />
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Row({ group, isChosen }: { group: Group; isChosen: boolean }) {
  const words = useWords();
  const client = useQueryClient();
  const change = useMutation({
    mutationFn: (next: Partial<Group>) => updateGroup({ ...group, ...next }),
    onSettled: () => client.invalidateQueries({ queryKey: ['groups'] }),
  });
  // A switch stands where it was put while the server is told.
  const shown = change.isPending ? { ...group, ...change.variables } : group;
  return (
    <tr aria-selected={isChosen}>
      <td>
        <Link to={PAGE as never} params={{ name: group.name } as never} search={{} as never}>
          {group.name}
        </Link>
      </td>
      <td className={style['filter']}>
        {group.filter === '' ? (
          <span className="quiet">
            {words(group.name === DEFAULT_GROUP ? 'groups.everything' : 'groups.nothing')}
          </span>
        ) : (
          <code>{group.filter}</code>
        )}
        {change.error && <p className={config['problem']}>{change.error.message}</p>}
      </td>
      <td className="number">
        <Traffic filter={group.filter} />
      </td>
      <td>
        <Switch
          isBare
          label={words('groups.insightsOf', { name: group.name })}
          isOn={shown.hasInsights}
          isDisabled={change.isPending}
          onChange={(hasInsights) => change.mutate({ hasInsights })}
        />
      </td>
      <td>
        <Switch
          isBare
          label={words('groups.notificationsOf', { name: group.name })}
          isOn={shown.hasInsights && shown.hasNotifications}
          isDisabled={change.isPending || !group.hasInsights}
          onChange={(hasNotifications) => change.mutate({ hasNotifications })}
        />
      </td>
    </tr>
  );
}

/** How many traces of the last hour belong to a group. */
function Traffic({ filter }: { filter: string }) {
  const { data } = useQuery(previewQuery(filter));
  if (!data) return <>–</>;
  const share = data.total === 0 ? 0 : data.matched / data.total;
  return (
    <>
      {compact(data.matched)} <span className="quiet">{percent(share)}</span>
    </>
  );
}
