// Names and values of any depth; deeper ones are made when they are opened.
import { Copy } from 'lucide-react';
import { useState } from 'react';
import type { Json, JsonObject } from '../../model/document.ts';
import { useWords } from '../../state/language.tsx';
import style from './details.module.css';

type Container = JsonObject | Json[];

/** Things with fewer values stand open from the start. */
const OPEN_MAX = 12;

function isContainer(value: Json): value is Container {
  return typeof value === 'object' && value !== null;
}

/** Returns whether a key or value below has the text in it. */
function has(value: Json, needle: string): boolean {
  return JSON.stringify(value).toLowerCase().includes(needle);
}

export function SearchedTree({ value }: { value: JsonObject }) {
  const words = useWords();
  const [find, setFind] = useState('');
  return (
    <>
      <input
        className={`input ${style['search']}`}
        type="search"
        aria-label={words('trace.search')}
        placeholder={words('trace.search')}
        value={find}
        onChange={(event) => setFind(event.target.value)}
      />
      <Tree value={value} path="" find={find.toLowerCase()} />
    </>
  );
}

interface TreeProps {
  value: Container;
  path: string;
  find?: string;
}

export function Tree({ value, path, find = '' }: TreeProps) {
  const entries = Object.entries(value) as [string, Json][];
  const shown = entries.filter(
    ([key, one]) => find === '' || key.toLowerCase().includes(find) || has(one, find),
  );
  return (
    <ul className={style['tree']}>
      {shown.map(([key, one]) => {
        const inner = Array.isArray(value)
          ? `${path}[${key}]`
          : path === ''
            ? key
            : `${path}.${key}`;
        // What a key itself fits is shown whole.
        const below = key.toLowerCase().includes(find) ? '' : find;
        return (
          <li key={key}>
            {isContainer(one) ? (
              <Branch name={key} value={one} path={inner} find={below} isFound={find !== ''} />
            ) : (
              <>
                <span className="quiet">{key}</span> {JSON.stringify(one)} <CopyPath path={inner} />
              </>
            )}
          </li>
        );
      })}
    </ul>
  );
}

function Branch({ name, isFound, ...rest }: TreeProps & { name: string; isFound: boolean }) {
  const count = Object.keys(rest.value).length;
  const [isOpen, setOpen] = useState(count <= OPEN_MAX);
  const shown = isOpen || isFound;
  return (
    <details open={shown} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        {name} <span className="badge">{count}</span>
      </summary>
      {shown && <Tree {...rest} />}
    </details>
  );
}

function CopyPath({ path }: { path: string }) {
  const words = useWords();
  return (
    <button
      type="button"
      className={style['path']}
      aria-label={`${words('trace.copyPath')}: ${path}`}
      title={`${words('trace.copyPath')}: ${path}`}
      onClick={() => void navigator.clipboard?.writeText(path)}
    >
      <Copy size={11} />
    </button>
  );
}
