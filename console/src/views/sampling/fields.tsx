// The values of a rule, each with what is wrong with it.
import { Plus, X } from 'lucide-react';
import { percent } from '../../lib/format.ts';
import { ATTRIBUTES_MAX, PATTERNS } from '../../model/sampling.ts';
import type { Pattern, Problem, Problems, Rule } from '../../model/sampling.ts';
import { useWords } from '../../state/language.tsx';
import config from '../config/config.module.css';
import { Field, Switch } from '../config/parts.tsx';
import style from './sampling.module.css';

interface Props {
  draft: Rule;
  problems: Problems;
  change: (next: Partial<Rule>) => void;
}

/** Returns a problem in words. */
function useProblem(): (problem: Problem | undefined, max?: number) => string | undefined {
  const words = useWords();
  return (problem, max = 32) => problem && words('sampling.problems', { problem, max });
}

const number = (text: string) => (text.trim() === '' ? NaN : Number(text));
const shown = (value: number) => (Number.isNaN(value) ? '' : String(value));

export function Numbers({
  draft,
  problems,
  isNew,
  isDefault,
  change,
}: Props & { isNew: boolean; isDefault: boolean }) {
  const words = useWords();
  const problem = useProblem();
  return (
    <>
      {!isDefault && (
        <div className={config['pair']}>
          <Field
            label={words('sampling.name')}
            hint={isNew ? words('sampling.nameHint') : words('sampling.nameFixed')}
            problem={problem(problems.name)}
          >
            {(ids) => (
              <input
                {...ids}
                className="input"
                value={draft.name}
                readOnly={!isNew}
                autoComplete="off"
                onChange={(event) => change({ name: event.target.value })}
              />
            )}
          </Field>
          <Field
            label={words('sampling.priority')}
            hint={words('sampling.priorityHint')}
            problem={problem(problems.priority)}
          >
            {(ids) => (
              <input
                {...ids}
                className="input"
                type="number"
                min="1"
                max="9999"
                value={shown(draft.priority)}
                onChange={(event) => change({ priority: number(event.target.value) })}
              />
            )}
          </Field>
        </div>
      )}
      <div className={config['pair']}>
        <Field
          label={words('sampling.reservoir')}
          hint={words('sampling.reservoirHint')}
          problem={problem(problems.reservoir)}
        >
          {(ids) => (
            <input
              {...ids}
              className="input"
              type="number"
              min="0"
              value={shown(draft.reservoir)}
              onChange={(event) => change({ reservoir: number(event.target.value) })}
            />
          )}
        </Field>
        <Field
          label={words('sampling.fixedRateInput')}
          hint={words('sampling.fixedRateHint')}
          problem={problem(problems.fixedRate)}
        >
          {(ids) => (
            <input
              {...ids}
              className="input"
              type="number"
              min="0"
              max="100"
              step="any"
              value={shown(toPercent(draft.fixedRate))}
              onChange={(event) => change({ fixedRate: number(event.target.value) / 100 })}
            />
          )}
        </Field>
      </div>
      {!isDefault && <BoostFields draft={draft} problems={problems} change={change} />}
    </>
  );
}

/** Without the noise of binary fractions. */
const toPercent = (share: number) => Number((share * 100).toPrecision(12));

function BoostFields({ draft, problems, change }: Props) {
  const words = useWords();
  const problem = useProblem();
  const { boost } = draft;
  return (
    <div className={style['boost']}>
      <Switch
        label={words('sampling.boost')}
        hint={words('sampling.boostHint')}
        isOn={boost !== undefined}
        onChange={(isOn) => change({ boost: isOn ? { maxRate: 0.5, cooldown: 10 } : undefined })}
      />
      {boost && (
        <div className={config['pair']}>
          <Field
            label={words('sampling.boostRate')}
            hint={percent(boost.maxRate)}
            problem={problems.boost === 'share' ? problem(problems.boost) : undefined}
          >
            {(ids) => (
              <input
                {...ids}
                className="input"
                type="number"
                min="0"
                max="100"
                step="any"
                value={shown(toPercent(boost.maxRate))}
                onChange={(event) =>
                  change({ boost: { ...boost, maxRate: number(event.target.value) / 100 } })
                }
              />
            )}
          </Field>
          <Field
            label={words('sampling.cooldown')}
            hint={words('sampling.cooldownHint')}
            problem={problems.boost === 'cooldown' ? problem(problems.boost) : undefined}
          >
            {(ids) => (
              <input
                {...ids}
                className="input"
                type="number"
                min="1"
                value={shown(boost.cooldown)}
                onChange={(event) =>
                  change({ boost: { ...boost, cooldown: number(event.target.value) } })
                }
              />
            )}
          </Field>
        </div>
      )}
    </div>
  );
}

/** What is asked of requests: patterns, and attributes of segments. */
export function Patterns({ draft, problems, change }: Props) {
  const words = useWords();
  const problem = useProblem();
  return (
    <fieldset className={style['patterns']}>
      <legend>{words('sampling.matches')}</legend>
      <p className="quiet">{words('sampling.patternHint')}</p>
      <div className={config['pair']}>
        {(Object.keys(PATTERNS) as Pattern[]).map((pattern) => (
          <Field
            key={pattern}
            label={words(`sampling.${pattern}`)}
            problem={problem(problems[pattern], PATTERNS[pattern])}
          >
            {(ids) => (
              <input
                {...ids}
                className="input mono"
                value={draft[pattern]}
                spellCheck={false}
                autoComplete="off"
                onChange={(event) => change({ [pattern]: event.target.value })}
              />
            )}
          </Field>
        ))}
      </div>
      <Attributes draft={draft} problems={problems} change={change} />
    </fieldset>
  );
}

function Attributes({ draft, problems, change }: Props) {
  const words = useWords();
  const problem = useProblem();
  const { attributes } = draft;
  const set = (index: number, pair: readonly [string, string]) =>
    change({ attributes: attributes.map((one, at) => (at === index ? pair : one)) });
  return (
    <div className={config['tags']}>
      {attributes.map(([key, value], index) => (
        <div key={index}>
          <input
            className="input mono"
            aria-label={words('sampling.attributeKey')}
            placeholder={words('sampling.attributeKey')}
            value={key}
            onChange={(event) => set(index, [event.target.value, value])}
          />
          <input
            className="input mono"
            aria-label={words('sampling.attributeValue')}
            placeholder={words('sampling.attributeValue')}
            value={value}
            onChange={(event) => set(index, [key, event.target.value])}
          />
          <button
            type="button"
            className="button plain"
            aria-label={words('sampling.removeAttribute', { key })}
            onClick={() => change({ attributes: attributes.filter((_, at) => at !== index) })}
          >
            <X size={15} />
          </button>
        </div>
      ))}
      {problems.attributes && (
        <p className={config['problem']} role="alert">
          {problem(problems.attributes)}
        </p>
      )}
      <button
        type="button"
        className="button"
        disabled={attributes.length >= ATTRIBUTES_MAX}
        onClick={() => change({ attributes: [...attributes, ['', '*']] })}
      >
        <Plus size={14} aria-hidden="true" /> {words('sampling.addAttribute')}
      </button>
    </div>
  );
}
