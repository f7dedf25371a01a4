// Going anywhere by typing: pages, services, groups, traces, views, and what can be done.
import { useEffect, useId, useRef, useState } from 'react';
import type { KeyboardEvent } from 'react';
import { useWords } from '../../state/language.tsx';
import { Dialog } from '../dialog.tsx';
import type { Entry } from '../shell.tsx';
import { useItems } from './items.ts';
import type { Item } from './items.ts';
import style from './palette.module.css';

interface Props {
  pages: readonly Entry[];
  close: () => void;
}

export default function Palette({ pages, close }: Props) {
  const words = useWords();
  const [find, setFind] = useState('');
  const [chosen, setChosen] = useState(0);
  const id = useId();
  const box = useRef<HTMLInputElement>(null);
  const items = useItems(pages, find);
  const at = Math.min(chosen, Math.max(0, items.length - 1));
  const idOf = (index: number) => `${id}-${index}`;
  useEffect(() => box.current?.focus(), []);
  useEffect(() => {
    document.getElementById(`${id}-${at}`)?.scrollIntoView({ block: 'nearest' });
  }, [id, at]);
  const run = (item: Item | undefined) => {
    if (!item) return;
    // The focus goes back before the page changes under it.
    close();
    item.run();
  };
  const press = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined) {
      event.preventDefault();
      setChosen((at + step + items.length) % Math.max(1, items.length));
    } else if (event.key === 'Enter') {
      event.preventDefault();
      run(items[at]);
    }
  };
  return (
    <Dialog title={words('top.palette')} close={close} className={style['palette']} isBare>
      <input
        ref={box}
        className={style['box']}
        role="combobox"
        aria-label={words('top.palette')}
        aria-expanded="true"
        aria-controls={id}
        aria-activedescendant={items.length > 0 ? idOf(at) : undefined}
        placeholder={words('palette.hint')}
        autoComplete="off"
        spellCheck={false}
        value={find}
        onChange={(event) => {
          setFind(event.target.value);
          setChosen(0);
        }}
        onKeyDown={press}
      />
      <div id={id} role="listbox" aria-label={words('top.palette')} className={style['list']}>
        {items.map((item, index) => (
          <Line
            key={item.key}
            id={idOf(index)}
            item={item}
            isChosen={index === at}
            isFirst={item.kind !== items[index - 1]?.kind}
            onRun={() => run(item)}
            onOver={() => setChosen(index)}
          />
        ))}
        {items.length === 0 && <p className="quiet">{words('palette.nothing')}</p>}
      </div>
    </Dialog>
  );
}

interface LineProps {
  id: string;
  item: Item;
  isChosen: boolean;
  /** Whether it begins those of its kind. */
  isFirst: boolean;
  onRun: () => void;
  onOver: () => void;
}

function Line({ id, item, isChosen, isFirst, onRun, onOver }: LineProps) {
  const words = useWords();
  return (
    <div
      id={id}
      role="option"
      aria-selected={isChosen}
      className={style['line']}
      onClick={onRun}
      onPointerMove={onOver}
    >
      <span className={style['kind']}>
        {isFirst && words('palette.kinds', { kind: item.kind })}
      </span>
      <span className="cut">{item.label}</span>
      {item.detail && <span className={`cut quiet ${style['detail']}`}>{item.detail}</span>}
      {item.keys && <kbd className={style['keys']}>{item.keys}</kbd>}
    </div>
  );
}
