// A dialog over the page, open while it is shown; Esc and a click beside it close it.
import { X } from 'lucide-react';
import { useEffect, useRef } from 'react';
import type { ReactNode } from 'react';
import { useWords } from '../state/language.tsx';
import style from './dialog.module.css';

interface Props {
  title: string;
  close: () => void;
  children: ReactNode;
  className?: string | undefined;
  /** Leaves out the line with the title, which then only names the dialog. */
  isBare?: boolean;
}

export function Dialog({ title, close, children, className = '', isBare = false }: Props) {
  const words = useWords();
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const element = dialog.current;
    if (element && !element.open) element.showModal();
  }, []);
  return (
    <dialog
      ref={dialog}
      className={`${style['dialog']} ${className}`}
      aria-label={title}
      onClose={close}
      onClick={(event) => event.target === dialog.current && dialog.current.close()}
    >
      <div className={isBare ? style['bare'] : style['inner']}>
        {!isBare && (
          <header>
            <h2>{title}</h2>
            <button
              type="button"
              className="button plain"
              aria-label={words('top.close')}
              onClick={() => dialog.current?.close()}
            >
              <X size={16} />
            </button>
          </header>
        )}
        {children}
      </div>
    </dialog>
  );
}
