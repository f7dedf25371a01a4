// Which group: the list, with what each asks of a trace.
import { useQuery } from '@tanstack/react-query';
import { Check } from 'lucide-react';
import { useState } from 'react';
import { groupsQuery } from '../../api/groups.ts';
import { DEFAULT_GROUP } from '../../model/group.ts';
import { useWords } from '../../state/language.tsx';
import { SCOPE, useUrl } from '../../state/url.ts';
import style from './groups.module.css';

/** From how many groups on there is a box to find one. */
const FIND_MIN = 8;

export default function GroupMenu({ close }: { close: () => void }) {
  const words = useWords();
  const { values, change } = useUrl(SCOPE);
  const [find, setFind] = useState('');
  const { data, error } = useQuery(groupsQuery());
  const groups = (data ?? []).filter(({ name }) => name !== DEFAULT_GROUP);
  const shown = groups.filter(({ name }) => name.toLowerCase().includes(find.toLowerCase()));
  const pick = (g: string) => {
    close();
    change({ g }, 'push');
  };
  return (
    <div className={style['menu']}>
      {groups.length >= FIND_MIN && (
        <input
          type="search"
          className="input"
          aria-label={words('top.findGroup')}
          placeholder={words('top.findGroup')}
          value={find}
          onChange={(event) => setFind(event.target.value)}
        />
      )}
      <ul>
        <Line name="" filter="" isChosen={values.g === ''} pick={pick} />
        {shown.map((group) => (
          <Line
            key={group.name}
            name={group.name}
            filter={group.filter}
            isChosen={values.g === group.name}
            pick={pick}
          />
        ))}
      </ul>
      {data && groups.length === 0 && <p className="quiet">{words('top.noGroups')}</p>}
      {error && <p role="alert">{error.message}</p>}
    </div>
  );
}

interface LineProps {
  name: string;
  filter: string;
  isChosen: boolean;
  pick: (name: string) => void;
}

function Line({ name, filter, isChosen, pick }: LineProps) {
  const words = useWords();
  return (
    <li>
      <button type="button" aria-pressed={isChosen} onClick={() => pick(name)}>
        {isChosen ? <Check size={14} aria-hidden="true" /> : <span />}
        <span className="cut">{name === '' ? words('top.allTraces') : name}</span>
        {filter !== '' && (
          <span className={`cut quiet mono ${style['filter']}`} title={filter}>
            {filter}
          </span>
        )}
      </button>
    </li>
  );
}
