// Groups: named filter expressions, each with a service graph and, if wanted, insights of its own.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
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
import { ListPage } from '../config/listpage.tsx';
import { Switch } from '../config/parts.tsx';
import type { Done } from '../config/parts.tsx';
import { Editor } from './editor.tsx';
import style from './groups.module.css';

/** `q`: the filter of a group that is being made. */
const PARAMS = { q: text() };
const PAGE = '/config/groups/{-$name}';

export default function GroupsPage() {
  const words = useWords();
  const { values } = useUrl(PARAMS);
  const query = useQuery(groupsQuery());
  const done = useState<Done>();
  return (
    <ListPage
      title={words('groups.title')}
      text={words('groups.text')}
      create={words('groups.new')}
      path={PAGE}
      param="name"
      query={query}
      done={done}
      draftOf={(groups, name, copied) => draftOf(groups, name, copied, values.q)}
      table={(groups, chosen) => <GroupTable groups={groups} chosen={chosen} />}
      editor={(groups, { key, ...editing }) => <Editor key={key} groups={groups} {...editing} />}
    />
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
