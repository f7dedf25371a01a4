// The mark of an outcome. Drawn, for fonts may not have it.
import { useWords } from '../state/language.tsx';
import type { Outcome } from '../model/status.ts';

const SHAPE: Record<Outcome, string> = {
  ok: 'M3 8.5 6.5 12 13 4.5',
  error: 'M8 2.5 14 13H2z',
  fault: 'M3.5 3.5l9 9M12.5 3.5l-9 9',
  throttle: 'M8 13.5 2 3h12z',
};

/** Shows the mark; with `named`, also to those who do not see it. */
export function Glyph({ outcome, named = false }: { outcome: Outcome; named?: boolean }) {
  const words = useWords();
  const isLine = outcome === 'ok' || outcome === 'fault';
  return (
    <svg
      width="14"
      height="14"
      viewBox="0 0 16 16"
      role={named ? 'img' : undefined}
      aria-hidden={!named}
      aria-label={named ? words(`status.${outcome}`) : undefined}
      style={{ flex: 'none' }}
    >
      <path
        d={SHAPE[outcome]}
        fill={isLine ? 'none' : `var(--${outcome})`}
        stroke={`var(--${outcome})`}
        strokeWidth={isLine ? 2.4 : 1}
        strokeLinecap="round"
        strokeLinejoin="round"
      />
    </svg>
  );
}
