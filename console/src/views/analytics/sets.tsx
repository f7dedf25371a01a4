// The two sets: what each is made of, as chips and as text, how large it is, how fast.
import { useQuery } from '@tanstack/react-query';
import { ArrowLeftRight, Check, Pencil, X } from 'lucide-react';
import { Suspense, lazy, useState } from 'react';
import { termsQuery } from '../../api/analytics.ts';
import { duration, percent, timeOfDay } from '../../lib/format.ts';
import { expressionOf, isChosen, presetsOf, share, without } from '../../model/analytics.ts';
import type { Measures, Preset, SetChoice } from '../../model/analytics.ts';
import { and } from '../../model/filter.ts';
import { OUTCOMES } from '../../model/status.ts';
import { useClock } from '../../state/clock.ts';
import { useWords } from '../../state/language.tsx';
import style from './analytics.module.css';
import type { Common } from './page.tsx';
import { changeOf, setOf } from './params.ts';
import type { SetName } from './params.ts';

const Expression = lazy(() => import('../editor/expression.tsx'));

const NONE: SetChoice = { text: '', span: null, window: null };

export function Sets(props: Common) {
  const { answer, values, change } = props;
  const words = useWords();
  const swap = () =>
    change({ ...changeOf('A', setOf(values, 'B')), ...changeOf('B', setOf(values, 'A')) }, 'push');
  return (
    <div className={style['sets']}>
      <SetCard {...props} name="A" measures={answer.sets?.a} />
      <button
        type="button"
        className="button plain"
        aria-label={words('analytics.swap')}
        title={words('analytics.swap')}
        onClick={swap}
      >
        <ArrowLeftRight size={16} />
      </button>
      <SetCard {...props} name="B" measures={answer.sets?.b ?? undefined} />
      <Presets {...props} />
    </div>
  );
}

type CardProps = Common & { name: SetName; measures: Measures | undefined };

function SetCard(props: CardProps) {
  const { name, values, change, totals, measures } = props;
  const words = useWords();
  const [isEditing, setEditing] = useState(false);
  const set = setOf(values, name);
  const isActive = values.set === name;
  const has = isChosen(set);
  return (
    <section
      className={`card ${style['set']}`}
      data-set={name}
      data-active={isActive}
      aria-label={words('analytics.set', { name })}
    >
      <div className={style['conditions']}>
        <button
          type="button"
          className={style['letter']}
          aria-pressed={isActive}
          aria-label={words('analytics.into', { name })}
          title={words('analytics.into', { name })}
          onClick={() => change({ set: name })}
        >
          {name}
        </button>
        {isEditing ? (
          <Editor {...props} set={set} onDone={() => setEditing(false)} />
        ) : (
          <>
            <div className={style['chips']}>
              <Chips {...props} set={set} />
              {!has && (
                <span className="quiet">
                  {words(name === 'A' ? 'analytics.noneA' : 'analytics.noneB')}
                </span>
              )}
            </div>
            {has && <Refine {...props} set={set} />}
            <button
              type="button"
              className="button plain"
              aria-label={words('analytics.edit', { name })}
              title={words('analytics.edit', { name })}
              onClick={() => setEditing(true)}
            >
              <Pencil size={14} />
            </button>
            {has && (
              <button
                type="button"
                className="button plain"
                aria-label={words('analytics.clear', { name })}
                title={words('analytics.clear', { name })}
                onClick={() => change(changeOf(name, NONE), 'push')}
              >
                <X size={14} />
              </button>
            )}
          </>
        )}
      </div>
      {has && measures && <Numbers of={measures} all={totals.all} />}
    </section>
  );
}

/** Writes the expression of a set, with what the editor of the bar on top offers. */
function Editor({
  name,
  values,
  change,
  set,
  onDone,
}: CardProps & { set: SetChoice; onDone: () => void }) {
  const words = useWords();
  const [text, setText] = useState(set.text);
  const label = words('analytics.edit', { name });
  const apply = (next: string) => {
    change(changeOf(name, { text: next.trim() }), 'push');
    onDone();
  };
  return (
    <form
      className={style['editor']}
      onSubmit={(event) => {
        event.preventDefault();
        apply(text);
      }}
    >
      <Suspense fallback={<span className={style['spring']} />}>
        <Expression
          id={`set-${name}`}
          value={text}
          label={label}
          hint="fault AND responsetime > 1"
          range={values.t}
          hasFocus
          onChange={setText}
          onRun={apply}
          onReset={onDone}
        />
      </Suspense>
      <button type="submit" className="button plain" aria-label={words('top.apply')}>
        <Check size={15} />
      </button>
    </form>
  );
}

/** The parts of the set, each with a way to take it out. */
function Chips({ name, change, set }: CardProps & { set: SetChoice }) {
  const words = useWords();
  const clock = useClock();
  const { data = set.text === '' ? [] : [set.text] } = useQuery(termsQuery(set.text));
  const terms = set.text === '' ? [] : data;
  const put = (next: Partial<SetChoice>) => change(changeOf(name, next), 'push');
  return (
    <>
      {terms.map((term, index) => (
        <Chip
          key={`${term} ${index}`}
          text={term}
          onRemove={() => put({ text: without(terms, index) })}
        />
      ))}
      {set.span && (
        <Chip
          text={`responsetime ${duration(set.span[0] * 1e3)} – ${duration(set.span[1] * 1e3)}`}
          onRemove={() => put({ span: null })}
        />
      )}
      {set.window && (
        <Chip
          text={words('analytics.window', {
            from: timeOfDay(set.window.from, clock).slice(0, 8),
            to: timeOfDay(set.window.to, clock).slice(0, 8),
          })}
          onRemove={() => put({ window: null })}
        />
      )}
    </>
  );
}

function Chip({ text, onRemove }: { text: string; onRemove: () => void }) {
  const words = useWords();
  return (
    <span className={style['chip']}>
      <code className="cut" title={text}>
        {text}
      </code>
      <button type="button" aria-label={words('analytics.remove', { text })} onClick={onRemove}>
        <X size={12} />
      </button>
    </span>
  );
}

/** Makes the set all that is retrieved. */
function Refine({ set, name, values, change }: CardProps & { set: SetChoice }) {
  const words = useWords();
  const refine = () =>
    change(
      {
        q: and(values.q, expressionOf(set)),
        ...(set.window && { t: { kind: 'between', ...set.window } }),
        ...changeOf(name, NONE),
      },
      'push',
    );
  return (
    <button
      type="button"
      className="button"
      title={words('analytics.refineText', { name })}
      onClick={refine}
    >
      {words('analytics.refine')}
    </button>
  );
}

function Numbers({ of, all }: { of: Measures; all: number }) {
  const words = useWords();
  const time = (ms: number | null) => (ms === null ? '–' : duration(ms));
  const shown = [
    [words('traces.average'), time(of.average)],
    ['p50', time(of.p50)],
    ['p95', time(of.p95)],
    ['p99', time(of.p99)],
  ];
  return (
    <div className={style['measures']}>
      <strong>{words('analytics.traces', { count: of.traces })}</strong>
      <span className="quiet">{percent(share(of.traces, all))}</span>
      <Outcomes of={of} />
      {shown.map(([label, value]) => (
        <span key={label}>
          <span className="quiet">{label}</span> {value}
        </span>
      ))}
    </div>
  );
}

function Outcomes({ of }: { of: Measures }) {
  const words = useWords();
  const parts = OUTCOMES.filter((outcome) => of[outcome] > 0);
  const said = parts.map((one) => `${words(`status.${one}`)} ${of[one]}`).join(', ');
  return (
    <span className={style['outcomes']} role="img" aria-label={said} title={said}>
      {parts.map((one) => (
        <span key={one} className={`fill-${one}`} style={{ flexGrow: of[one] }} />
      ))}
    </span>
  );
}

/** Comparisons to begin with. */
function Presets({ answer, values, change }: Common) {
  const words = useWords();
  const presets = presetsOf(answer, answer.window);
  const take = ({ a, b }: Preset) =>
    change({ ...changeOf('A', a), ...changeOf('B', b), set: 'A' }, 'push');
  const a = setOf(values, 'A');
  const rest = { ...NONE, text: `!(${expressionOf(a)})` };
  const byValue = presets.filter((one) => one.kind === 'values');
  return (
    <div className={style['presets']}>
      <span className="quiet">{words('analytics.compare')}</span>
      {presets
        .filter((one) => one.kind !== 'values')
        .map((one) => (
          <button key={one.kind} type="button" className="button" onClick={() => take(one)}>
            {words(`analytics.preset.${one.kind}`)}
          </button>
        ))}
      {isChosen(a) && !a.window && (
        <button
          type="button"
          className="button"
          onClick={() => change(changeOf('B', rest), 'push')}
        >
          {words('analytics.preset.rest')}
        </button>
      )}
      {byValue.length > 0 && (
        <select
          className="input"
          aria-label={words('analytics.preset.values')}
          value=""
          onChange={(event) => {
            const found = byValue[Number(event.target.value)];
            if (found) take(found);
          }}
        >
          <option value="" disabled>
            {words('analytics.preset.values')}
          </option>
          {byValue.map((one, index) => (
            <option key={one.names?.[0]} value={index}>
              {`${one.names?.[0]}: ${one.names?.[1]} / ${one.names?.[2]}`}
            </option>
          ))}
        </select>
      )}
    </div>
  );
}
