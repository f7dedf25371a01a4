// The values of a rule, each with what is wrong with it.
import { Plus, X } from 'lucide-react';
import type { InputHTMLAttributes } from 'react';
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

type NumbersProps = Props & { isNew: boolean; isDefault: boolean };

export function Numbers(props: NumbersProps) {
  return (
    <>
      {!props.isDefault && <NameAndPriority {...props} />}
      <Amounts {...props} />
      {!props.isDefault && <BoostFields {...props} />}
    </>
  );
}

function NameAndPriority({ draft, problems, isNew, change }: NumbersProps) {
  const words = useWords();
  const problem = useProblem();
  return (
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
      <NumberField
        label={words('sampling.priority')}
        hint={words('sampling.priorityHint')}
        problem={problem(problems.priority)}
        min="1"
        max="9999"
        value={draft.priority}
        onChange={(priority) => change({ priority })}
      />
    </div>
  );
}

/** How many are kept: so many a second, and a share of the others. */
function Amounts({ draft, problems, change }: Props) {
  const words = useWords();
  const problem = useProblem();
  return (
    <div className={config['pair']}>
      <NumberField
        label={words('sampling.reservoir')}
        hint={words('sampling.reservoirHint')}
        problem={problem(problems.reservoir)}
        min="0"
        value={draft.reservoir}
        onChange={(reservoir) => change({ reservoir })}
      />
      <NumberField
        label={words('sampling.fixedRateInput')}
        hint={words('sampling.fixedRateHint')}
        problem={problem(problems.fixedRate)}
        min="0"
        max="100"
        step="any"
        value={toPercent(draft.fixedRate)}
        onChange={(percents) => change({ fixedRate: percents / 100 })}
      />
    </div>
  );
}

interface NumberProps extends Pick<InputHTMLAttributes<HTMLInputElement>, 'min' | 'max' | 'step'> {
  label: string;
  hint: string;
  problem: string | undefined;
  value: number;
  onChange: (value: number) => void;
}

function NumberField({ label, hint, problem, value, onChange, ...limits }: NumberProps) {
  return (
    <Field label={label} hint={hint} problem={problem}>
      {(ids) => (
        <input
          {...ids}
          {...limits}
          className="input"
          type="number"
          value={shown(value)}
          onChange={(event) => onChange(number(event.target.value))}
        />
      )}
    </Field>
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
          <NumberField
            label={words('sampling.boostRate')}
            hint={percent(boost.maxRate)}
            problem={problems.boost === 'share' ? problem(problems.boost) : undefined}
            min="0"
            max="100"
            step="any"
            value={toPercent(boost.maxRate)}
            onChange={(percents) => change({ boost: { ...boost, maxRate: percents / 100 } })}
          />
          <NumberField
            label={words('sampling.cooldown')}
            hint={words('sampling.cooldownHint')}
            problem={problems.boost === 'cooldown' ? problem(problems.boost) : undefined}
            min="1"
            value={boost.cooldown}
            onChange={(cooldown) => change({ boost: { ...boost, cooldown } })}
          />
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
