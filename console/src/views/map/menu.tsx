// A button with a small window below it.
import { useRef } from 'react';
import type { ReactNode } from 'react';
import style from './tools.module.css';

interface Props {
  id: string;
  label: string;
  icon: ReactNode;
  /** Whether the button shows its label. */
  isNamed?: boolean;
  /** Whether something in it differs from what is usual. */
  isChanged?: boolean;
  onOpen?: () => void;
  children: ReactNode;
}

export function Menu(props: Props) {
  const { id, label, icon, isNamed = true, isChanged = false, onOpen, children } = props;
  const button = useRef<HTMLButtonElement>(null);
  const place = (event: React.ToggleEvent<HTMLDivElement>) => {
    const bounds = button.current?.getBoundingClientRect();
    if (event.newState !== 'open' || !bounds) return;
    onOpen?.();
    event.currentTarget.style.top = `${bounds.bottom + 6}px`;
    event.currentTarget.style.right = `${Math.max(8, innerWidth - bounds.right)}px`;
  };
  return (
    <>
      <button
        ref={button}
        type="button"
        className="button"
        popoverTarget={id}
        aria-label={label}
        title={isNamed ? undefined : label}
      >
        {icon}
        {isNamed && label}
        {isChanged && <span className={style['dot']} />}
      </button>
      <div
        id={id}
        popover="auto"
        role="dialog"
        aria-label={label}
        className={style['menu']}
        onBeforeToggle={place}
      >
        {children}
      </div>
    </>
  );
}
