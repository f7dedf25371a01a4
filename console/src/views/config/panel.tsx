// The panel beside a table in which one of its rows is changed: its head and its end.
import { Copy, Trash2, X } from 'lucide-react';
import { useWords } from '../../state/language.tsx';
import { Failure } from '../states.tsx';
import style from './config.module.css';

interface HeadProps {
  title: string;
  /** Absent where there is nothing to copy. */
  onCopy?: (() => void) | undefined;
  /** Absent for what always stays. */
  onDelete?: (() => void) | undefined;
  onClose: () => void;
}

export function PanelHead({ title, onCopy, onDelete, onClose }: HeadProps) {
  const words = useWords();
  return (
    <header>
      <h2>{title}</h2>
      <span className={style['spring']} />
      {onCopy && (
        <button type="button" className="button" onClick={onCopy}>
          <Copy size={14} aria-hidden="true" /> {words('config.clone')}
        </button>
      )}
      {onDelete && (
        <button
          type="button"
          className="button plain"
          aria-label={words('config.delete')}
          title={words('config.delete')}
          onClick={onDelete}
        >
          <Trash2 size={15} />
        </button>
      )}
      <button
        type="button"
        className="button plain"
        aria-label={words('config.close')}
        onClick={onClose}
      >
        <X size={16} />
      </button>
    </header>
  );
}

interface EndProps {
  isNew: boolean;
  isBusy: boolean;
  /** Why the last change, or what it needs, did not come about. */
  error: Error | null;
  onClose: () => void;
}

/** What stands below the values of a form. */
export function FormEnd({ isNew, isBusy, error, onClose }: EndProps) {
  const words = useWords();
  return (
    <>
      {error && <Failure error={error} />}
      <footer>
        <button type="submit" className="button primary" disabled={isBusy}>
          {words(isNew ? 'config.create' : 'config.save')}
        </button>
        <button type="button" className="button" onClick={onClose}>
          {words('config.cancel')}
        </button>
      </footer>
    </>
  );
}
