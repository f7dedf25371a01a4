// What is different from the window compared with, the gravest first.
import { X } from 'lucide-react';
import { percent, perMinute } from '../../lib/format.ts';
import { isOffered } from '../../lib/versus.ts';
import { biggest, failsMore, isSlower } from '../../model/compare.ts';
import type { Change, Comparison } from '../../model/compare.ts';
import { shareOf } from '../../model/graph.ts';
import { shortName } from '../../model/kind.ts';
import { useWords } from '../../state/language.tsx';
import { signed, signedShare } from './delta.ts';
import style from './panel.module.css';
import { useVersusWords } from './versus.tsx';

const SHOWN_MAX = 40;

interface Props {
  comparison: Comparison | undefined;
  isThenEmpty: boolean;
  vs: string;
  minutes: number;
  onSelect: (key: string) => void;
  onClose: () => void;
}

export default function Changes({
  comparison,
  isThenEmpty,
  vs,
  minutes,
  onSelect,
  onClose,
}: Props) {
  const words = useWords();
  const inWords = useVersusWords();
  const found = comparison ? biggest(comparison).slice(0, SHOWN_MAX) : [];
  return (
    <aside className={`card ${style['panel']}`} aria-label={words('map.changes')}>
      <header>
        <div className={style['title']}>
          <h2>{words('map.changes')}</h2>
          <button
            type="button"
            className="button plain"
            aria-label={words('map.close')}
            title={words('map.close')}
            onClick={onClose}
          >
            <X size={16} />
          </button>
        </div>
        <p className="quiet">{isOffered(vs) ? words(`map.versus.${vs || 'none'}`) : words('map.versus.own', { what: inWords(vs) })}</p>
      </header>
      {isThenEmpty && <p className="quiet">{words('map.noThen')}</p>}
      {comparison && found.length === 0 && <p className="quiet">{words('map.noChanges')}</p>}
      <ol className={style['changes']}>
        {found.map(({ node, change }) => (
          <li key={node.key}>
            <button type="button" onClick={() => onSelect(node.key)}>
              <strong className="cut">{shortName(node.name)}</strong>
              <span className="quiet">{said(change, node.stats.total / minutes, shareOf(node.stats, 'fault'), words)}</span>
            </button>
          </li>
        ))}
      </ol>
    </aside>
  ); // prettier-ignore
}

function said(
  change: Change,
  rate: number,
  fault: number,
  words: ReturnType<typeof useWords>,
): string {
  if (change.kind !== 'kept') return words(`map.kinds.${change.kind}`);
  const parts = [
    isSlower(change) && signed(change.average),
    failsMore(change) &&
      `${words('map.deltaFaults', { share: signedShare(change.fault) })} (${percent(fault)})`,
    (change.rate > 2 || change.rate < 0.5) && perMinute(rate),
  ].filter(Boolean);
  return parts.join(' · ');
}
