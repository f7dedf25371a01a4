// The rules in the order in which they are tried; a row is moved by its handle or its arrows.
import { Link } from '@tanstack/react-router';
import { ArrowDown, ArrowUp, GripVertical } from 'lucide-react';
import { useState } from 'react';
import type { Rates } from '../../api/sampling.ts';
import { percent } from '../../lib/format.ts';
import { DEFAULT_RULE, PATTERNS, narrowings, shadowOf } from '../../model/sampling.ts';
import type { Rule } from '../../model/sampling.ts';
import { useWords } from '../../state/language.tsx';
import config from '../config/config.module.css';
import style from './sampling.module.css';

interface Props {
  rules: readonly Rule[];
  rates: ReadonlyMap<string, Rates> | undefined;
  chosen: string;
  isBusy: boolean;
  onMove: (name: string, index: number) => void;
}

const STATISTICS = ['requests', 'sampled', 'borrowed'] as const;

export function RuleTable({ rules, rates, chosen, isBusy, onMove }: Props) {
  const words = useWords();
  const [dragged, setDragged] = useState<string>();
  const [over, setOver] = useState<number>();
  const drop = () => {
    if (dragged !== undefined && over !== undefined) onMove(dragged, over);
    setDragged(undefined);
    setOver(undefined);
  };
  return (
    <section className={`card ${config['table']} ${style['rules']}`} aria-busy={isBusy}>
      <table>
        <thead>
          <tr>
            <th>{words('sampling.priority')}</th>
            <th>{words('sampling.rule')}</th>
            <th>{words('sampling.matches')}</th>
            <th className="number">{words('sampling.reservoir')}</th>
            <th className="number">{words('sampling.fixedRate')}</th>
            {STATISTICS.map((name) => (
              <th key={name} className="number" title={words('sampling.counted')}>
                {words(`sampling.${name}`)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rules.map((rule, index) => (
            <Row
              key={rule.name}
              rules={rules}
              rule={rule}
              index={index}
              rates={rates}
              isChosen={rule.name === chosen}
              isBusy={isBusy}
              onMove={onMove}
              drag={{ dragged, over, setDragged, setOver, drop }}
            />
          ))}
        </tbody>
      </table>
    </section>
  );
}

/** Which row is being moved, and where it would go. */
interface Drag {
  dragged: string | undefined;
  over: number | undefined;
  setDragged: (name: string | undefined) => void;
  setOver: (index: number) => void;
  drop: () => void;
}

interface RowProps {
  rules: readonly Rule[];
  rule: Rule;
  index: number;
  rates: ReadonlyMap<string, Rates> | undefined;
  isChosen: boolean;
  isBusy: boolean;
  onMove: (name: string, index: number) => void;
  drag: Drag;
}

function Row({ rules, rule, index, rates, isChosen, isBusy, onMove, drag }: RowProps) {
  const words = useWords();
  const { dragged, over, setDragged, setOver, drop } = drag;
  return (
    <tr
      aria-selected={isChosen}
      data-over={dragged !== undefined && over === index}
      data-dragged={dragged === rule.name}
      onDragOver={(event) => {
        if (dragged === undefined || rule.name === DEFAULT_RULE) return;
        event.preventDefault();
        setOver(index);
      }}
      onDrop={(event) => {
        event.preventDefault();
        drop();
      }}
    >
      <td>
        <Place
          rule={rule}
          index={index}
          count={rules.length - 1}
          isBusy={isBusy}
          onMove={onMove}
          onDrag={setDragged}
        />
      </td>
      <td>
        <Link
          to={'/config/sampling/{-$rule}' as never}
          params={{ rule: rule.name } as never}
          search={{} as never}
        >
          {rule.name}
        </Link>
      </td>
      <td>
        <Narrowings rule={rule} />
        <Shadow rules={rules} rule={rule} />
      </td>
      <td className="number">{words('sampling.perSecond', { count: rule.reservoir })}</td>
      <td className="number">
        {percent(rule.fixedRate)}
        {rule.boost && (
          <span className="badge">
            {words('sampling.boostTo', { rate: percent(rule.boost.maxRate) })}
          </span>
        )}
      </td>
      {STATISTICS.map((name) => (
        <td key={name} className="number">
          {rates ? rate(rates.get(rule.name)?.[name] ?? 0) : '–'}
        </td>
      ))}
    </tr>
  );
}

const rate = (value: number) => (value === 0 ? '0' : String(Number(value.toPrecision(3))));

interface PlaceProps {
  rule: Rule;
  index: number;
  /** How many rules can be moved. */
  count: number;
  isBusy: boolean;
  onMove: (name: string, index: number) => void;
  onDrag: (name: string | undefined) => void;
}

function Place({ rule, index, count, isBusy, onMove, onDrag }: PlaceProps) {
  const words = useWords();
  if (rule.name === DEFAULT_RULE) {
    return <span className={`quiet ${style['last']}`}>{words('sampling.last')}</span>;
  }
  return (
    <span className={style['place']}>
      <span
        className={style['handle']}
        draggable={!isBusy}
        title={words('sampling.drag')}
        onDragStart={(event) => {
          event.dataTransfer.effectAllowed = 'move';
          event.dataTransfer.setData('text/plain', rule.name);
          onDrag(rule.name);
        }}
        onDragEnd={() => onDrag(undefined)}
      >
        <GripVertical size={15} aria-hidden="true" />
      </span>
      <b>{rule.priority}</b>
      {([-1, 1] as const).map((by) => (
        <button
          key={by}
          type="button"
          className="button plain"
          disabled={isBusy || index + by < 0 || index + by >= count}
          aria-label={words(by < 0 ? 'sampling.up' : 'sampling.down', { name: rule.name })}
          onClick={() => onMove(rule.name, index + by)}
        >
          {by < 0 ? <ArrowUp size={14} /> : <ArrowDown size={14} />}
        </button>
      ))}
    </span>
  );
}

/** Says that a rule is never reached. */
export function Shadow({ rules, rule }: { rules: readonly Rule[]; rule: Rule }) {
  const words = useWords();
  const by = shadowOf(rules, rule);
  if (!by) return null;
  return <p className={style['shadow']}>{words('sampling.shadowed', { name: by.name })}</p>;
}

/** What a rule asks of a request. */
function Narrowings({ rule }: { rule: Rule }) {
  const words = useWords();
  const found = narrowings(rule);
  if (found.length === 0) return <span className="quiet">{words('sampling.everything')}</span>;
  return (
    <span className={style['narrowings']}>
      {found.map(({ pattern, value }) => (
        <span key={pattern}>
          <span className="quiet">
            {pattern in PATTERNS ? words(`sampling.${pattern}`) : pattern}
          </span>{' '}
          <code>{value}</code>
        </span>
      ))}
    </span>
  );
}
