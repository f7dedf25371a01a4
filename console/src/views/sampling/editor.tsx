// One rule: what it asks of requests, how many it keeps, and what it would have kept.
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { createRule, deleteRule, updateRule } from '../../api/sampling.ts';
import { tagsQuery } from '../../api/tags.ts';
import type { Tag } from '../../api/tags.ts';
import { percent } from '../../lib/format.ts';
import { DEFAULT_RULE, problemsOf } from '../../model/sampling.ts';
import type { Problems, Rule } from '../../model/sampling.ts';
import { useWords } from '../../state/language.tsx';
import { useShortcuts } from '../../state/shortcuts.ts';
import { useChanges } from '../config/changes.ts';
import type { Kind } from '../config/changes.ts';
import config from '../config/config.module.css';
import { Confirm, Tags } from '../config/parts.tsx';
import type { Done } from '../config/parts.tsx';
import { FormEnd, PanelHead } from '../config/panel.tsx';
import { DryRunReport } from './dryrun.tsx';
import { Numbers, Patterns } from './fields.tsx';
import { Shadow } from './table.tsx';

const KIND: Kind<Rule> = {
  key: 'sampling rules',
  create: createRule,
  update: updateRule,
  remove: deleteRule,
  deleted: 'config.deleted',
};

interface Props {
  rules: readonly Rule[];
  start: Rule;
  isNew: boolean;
  onDone: (done: Done) => void;
  onClose: () => void;
  onCopy: (name: string) => void;
}

export function Editor({ rules, start, isNew, onDone, onClose, onCopy }: Props) {
  const words = useWords();
  const [draft, setDraft] = useState(start);
  const [isTried, setTried] = useState(false);
  const known = useQuery(tagsQuery(start.arn));
  const [changed, setTags] = useState<readonly Tag[]>();
  const tags = changed ?? known.data ?? [];
  const taken = rules.map((rule) => rule.name).filter((name) => isNew || name !== start.name);
  const all = problemsOf(draft, taken);
  // Nothing is wrong with a name that nobody has begun to type.
  const problems: Problems = isTried || draft.name !== '' ? all : without(all, 'name');
  const others = rules.filter((rule) => rule.name !== start.name || isNew);
  const meant = [...others, draft];
  const change = (next: Partial<Rule>) => setDraft((before) => ({ ...before, ...next }));
  useShortcuts({ Escape: onClose });
  const { save, remove, isAsking, ask } = useChanges(KIND, start, isNew, onDone);
  const error = save.error ?? remove.error ?? known.error;
  const isDefault = !isNew && start.name === DEFAULT_RULE;
  return (
    <aside className={`card ${config['panel']}`} aria-label={words('sampling.rule')}>
      <PanelHead
        title={isNew ? words('sampling.new') : start.name}
        onCopy={isNew || isDefault ? undefined : () => onCopy(start.name)}
        onDelete={isNew || isDefault ? undefined : () => ask(true)}
        onClose={onClose}
      />
      {isDefault && <p className="quiet">{words('sampling.defaultText')}</p>}
      <form
        onSubmit={(event) => {
          event.preventDefault();
          setTried(true);
          if (Object.keys(all).length === 0) save.mutate({ next: draft, before: known.data, tags });
        }}
      >
        <Numbers
          draft={draft}
          problems={problems}
          isNew={isNew}
          isDefault={isDefault}
          change={change}
        />
        {!isDefault && <Patterns draft={draft} problems={problems} change={change} />}
        {!isDefault && <Shadow rules={meant} rule={draft} />}
        <Tags tags={tags} onChange={setTags} />
        <FormEnd isNew={isNew} isBusy={save.isPending} error={error} onClose={onClose} />
      </form>
      <DryRunReport
        before={rules}
        after={Object.keys(all).some((key) => key !== 'name') ? undefined : named(meant, draft)}
        name={draft.name || words('sampling.new')}
      />
      {isAsking && (
        <Deleting
          rules={rules}
          rule={start}
          isBusy={remove.isPending}
          onConfirm={() => remove.mutate(tags)}
          onClose={() => ask(false)}
        />
      )}
    </aside>
  );
}

interface DeletingProps {
  rules: readonly Rule[];
  rule: Rule;
  isBusy: boolean;
  onConfirm: () => void;
  onClose: () => void;
}

function Deleting({ rules, rule, ...rest }: DeletingProps) {
  const words = useWords();
  const next = heir(rules, rule, words('sampling.default'));
  return (
    <Confirm
      title={words('sampling.deleteTitle', { name: rule.name })}
      action={words('config.delete')}
      {...rest}
    >
      <p>{words('sampling.deleteText', { next, rate: percent(rule.fixedRate) })}</p>
    </Confirm>
  );
}

function without(problems: Problems, name: keyof Rule): Problems {
  const { [name]: _, ...rest } = problems;
  return rest;
}

/** Returns rules of which the draft has some name, for the dry run. */
function named(rules: readonly Rule[], draft: Rule): Rule[] {
  return rules.map((rule) =>
    rule === draft && rule.name === '' ? { ...rule, name: 'new' } : rule,
  );
}

/** Returns who takes the requests of a rule that is gone. */
function heir(rules: readonly Rule[], rule: Rule, fallback: string): string {
  const at = rules.findIndex((one) => one.name === rule.name);
  return rules[at + 1]?.name ?? fallback;
}
