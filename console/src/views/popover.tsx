// Menus that are loaded when they are first opened, or when the page has nothing else to do.
import { Suspense, lazy, useEffect, useMemo, useState } from 'react';
import type { ComponentType } from 'react';

/** Loads the content of a menu. */
export type Load = () => Promise<{ default: ComponentType<{ close: () => void }> }>;

interface Props {
  id: string;
  label: string;
  className: string | undefined;
  load: Load;
}

/** Returns whether the page had time to load what may be needed soon. */
export function useIdle(): boolean {
  const [isIdle, setIdle] = useState(false);
  useEffect(() => {
    const begin = window.requestIdleCallback ?? ((then: () => void) => setTimeout(then, 500));
    const end = window.cancelIdleCallback ?? clearTimeout;
    const waiting = begin(() => setIdle(true));
    return () => end(waiting);
  }, []);
  return isIdle;
}

/** A menu that opens by the button with `popoverTarget={id}`. `load` must be a constant. */
export function Popover({ id, label, className, load }: Props) {
  const isIdle = useIdle();
  const [isWanted, setWanted] = useState(false);
  const [isOpen, setOpen] = useState(false);
  const Content = useMemo(() => lazy(load), [load]);
  useEffect(() => {
    if (isIdle) void load();
  }, [isIdle, load]);
  return (
    <div
      id={id}
      popover="auto"
      role="dialog"
      aria-label={label}
      className={className}
      onBeforeToggle={(event) => {
        if (event.newState === 'open') setWanted(true);
        setOpen(event.newState === 'open');
      }}
    >
      <Suspense fallback={null}>
        {isWanted && isOpen && <Content close={() => document.getElementById(id)?.hidePopover()} />}
      </Suspense>
    </div>
  );
}
