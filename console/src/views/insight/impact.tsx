// Requests by how they ended, as one bar.
import { compact, percent } from '../../lib/format.ts';
import type { Impact } from '../../model/insight.ts';
import { useWords } from '../../state/language.tsx';
import { Glyph } from '../glyph.tsx';
import style from './page.module.css';

const PARTS = ['fault', 'error', 'ok'] as const;

export function ImpactBars({ title, impact }: { title: string; impact: Impact }) {
  const words = useWords();
  const share = (part: (typeof PARTS)[number]) =>
    impact.total === 0 ? 0 : impact[part] / impact.total;
  return (
    <div className={style['impact']}>
      <h3>
        {title} <span>{words('insights.requests', { count: impact.total })}</span>
      </h3>
      <div className={style['bar']} aria-hidden="true">
        {PARTS.filter((part) => impact[part] > 0).map((part) => (
          <span key={part} className={`fill-${part}`} style={{ flexGrow: impact[part] }} />
        ))}
      </div>
      <ul>
        {PARTS.map((part) => (
          <li key={part}>
            <Glyph outcome={part} />
            <span>{words(`status.${part}`)}</span>
            <span className="number">{compact(impact[part])}</span>
            <span className="number quiet">{percent(share(part))}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}
