// What the pages of settings are made of: heads, fields, switches, tags, questions before harm.
import { Plus, X } from 'lucide-react';
import { useId, useState } from 'react';
import type { ReactNode } from 'react';
import { useWords } from '../../state/language.tsx';
import { Dialog } from '../dialog.tsx';
import style from './config.module.css';

interface HeadProps {
  title: string;
  /** One sentence on what is set here. */
  text?: string;
  /** Stands at the right. */
  children?: ReactNode;
}

export function Head({ title, text, children }: HeadProps) {
  return (
    <header className={style['head']}>
      <div>
        <h1>{title}</h1>
        {text !== undefined && <p className="quiet">{text}</p>}
      </div>
      <span className={style['spring']} />
      {children}
    </header>
  );
}

interface FieldProps {
  label: string;
  hint?: ReactNode;
  /** What is wrong with the value. */
  problem?: string | undefined;
  /** Gets the ids that tie the control to its words. */
  children: (ids: { id: string; 'aria-describedby': string; 'aria-invalid': boolean }) => ReactNode;
}

export function Field({ label, hint, problem, children }: FieldProps) {
  const id = useId();
  return (
    <div className={style['field']}>
      <label htmlFor={id}>{label}</label>
      {children({
        id,
        'aria-describedby': `${id}-hint`,
        'aria-invalid': problem !== undefined,
      })}
      <p id={`${id}-hint`} className={problem === undefined ? 'quiet' : style['problem']}>
        {problem ?? hint}
      </p>
    </div>
  );
}

interface SwitchProps {
  label: string;
  /** Whether the label is shown, or only said. */
  isBare?: boolean;
  hint?: string;
  isOn: boolean;
  isDisabled?: boolean;
  onChange: (isOn: boolean) => void;
}

export function Switch({ label, isBare = false, hint, isOn, isDisabled, onChange }: SwitchProps) {
  return (
    <label className={style['switch']} data-bare={isBare}>
      <input
        type="checkbox"
        role="switch"
        checked={isOn}
        disabled={isDisabled}
        aria-label={isBare ? label : undefined}
        onChange={(event) => onChange(event.target.checked)}
      />
      <i aria-hidden="true" />
      {!isBare && (
        <span>
          {label}
          {hint !== undefined && <small className="quiet">{hint}</small>}
        </span>
      )}
    </label>
  );
}

interface ConfirmProps {
  title: string;
  /** What will happen. */
  children: ReactNode;
  /** What the button says. */
  action: string;
  /** A word that has to be typed first. */
  word?: string | undefined;
  isBusy?: boolean;
  onConfirm: () => void;
  onClose: () => void;
}

/** Asks before something that cannot be taken back as a whole. */
export function Confirm(props: ConfirmProps) {
  const { title, children, action, word, isBusy = false, onConfirm, onClose } = props;
  const words = useWords();
  const [typed, setTyped] = useState('');
  return (
    <Dialog title={title} close={onClose} className={style['confirm']}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          onConfirm();
        }}
      >
        <div>{children}</div>
        {word !== undefined && (
          <Field label={words('config.typeWord', { word })}>
            {(ids) => (
              <input
                {...ids}
                className="input mono"
                value={typed}
                autoComplete="off"
                onChange={(event) => setTyped(event.target.value)}
              />
            )}
          </Field>
        )}
        <footer>
          <button type="button" className="button" onClick={onClose}>
            {words('config.cancel')}
          </button>
          <button
            type="submit"
            className={`button ${style['danger']}`}
            disabled={isBusy || (word !== undefined && typed !== word)}
          >
            {action}
          </button>
        </footer>
      </form>
    </Dialog>
  );
}

/** Something that was done, and how to take it back. */
export interface Done {
  text: string;
  undo?: (() => void) | undefined;
}

/** Says what was done until it is closed or something else was done. */
export function Notice({ done, onClose }: { done: Done | undefined; onClose: () => void }) {
  const words = useWords();
  return (
    <div role="status" className={style['noticed']}>
      {done && (
        <div className={style['notice']}>
          <span>{done.text}</span>
          {done.undo && (
            <button
              type="button"
              className="button"
              onClick={() => {
                done.undo?.();
                onClose();
              }}
            >
              {words('config.undo')}
            </button>
          )}
          <button
            type="button"
            className="button plain"
            aria-label={words('config.close')}
            onClick={onClose}
          >
            <X size={15} />
          </button>
        </div>
      )}
    </div>
  );
}

export interface Tag {
  key: string;
  value: string;
}

interface TagsProps {
  tags: readonly Tag[];
  isDisabled?: boolean;
  onChange: (tags: readonly Tag[]) => void;
}

export function Tags({ tags, isDisabled = false, onChange }: TagsProps) {
  const words = useWords();
  const set = (index: number, change: Partial<Tag>) =>
    onChange(tags.map((one, at) => (at === index ? { ...one, ...change } : one)));
  return (
    <fieldset className={style['tags']} disabled={isDisabled}>
      <legend>{words('config.tags')}</legend>
      {tags.map((tag, index) => (
        <div key={index}>
          <input
            className="input"
            aria-label={words('config.tagKey')}
            placeholder={words('config.tagKey')}
            maxLength={128}
            value={tag.key}
            onChange={(event) => set(index, { key: event.target.value })}
          />
          <input
            className="input"
            aria-label={words('config.tagValue')}
            placeholder={words('config.tagValue')}
            maxLength={256}
            value={tag.value}
            onChange={(event) => set(index, { value: event.target.value })}
          />
          <button
            type="button"
            className="button plain"
            aria-label={words('config.removeTag', { key: tag.key })}
            onClick={() => onChange(tags.filter((_, at) => at !== index))}
          >
            <X size={15} />
          </button>
        </div>
      ))}
      <button
        type="button"
        className="button"
        onClick={() => onChange([...tags, { key: '', value: '' }])}
      >
        <Plus size={14} aria-hidden="true" /> {words('config.addTag')}
      </button>
    </fieldset>
  );
}
