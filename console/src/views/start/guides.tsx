// The ways to send, one at a time; which one stands in the URL.
import { useQuery } from '@tanstack/react-query';
import { infoQuery } from '../../api/start.ts';
import { text } from '../../lib/search.ts';
import { doorsOf, guidesFor } from '../../model/guides.ts';
import type { Guide } from '../../model/guides.ts';
import { useWords } from '../../state/language.tsx';
import { useUrl } from '../../state/url.ts';
import { CopyButton } from '../states.tsx';
import style from './start.module.css';

const PARAMS = { sdk: text('quick') };
const SECTIONS = ['try', 'app', 'relay'] as const;

export default function Guides() {
  const words = useWords();
  const { values, change } = useUrl(PARAMS);
  const info = useQuery(infoQuery());
  const doors = doorsOf(location.origin, location.hostname, info.data?.endpoints);
  const hasOtlp = (info.data?.features ?? []).some((feature) => /otlp/i.test(feature));
  const guides = guidesFor(doors, hasOtlp);
  const shown = guides.find((guide) => guide.key === values.sdk) ?? guides[0];
  const nameOf = (guide: Guide) => guide.name ?? words(`start.${guide.key}`);
  return (
    <div className={style['guides']}>
      <nav aria-label={words('start.ways')}>
        {SECTIONS.map((section) => (
          <div key={section}>
            <h3>{words(`start.${section}`)}</h3>
            {guides
              .filter((guide) => guide.section === section)
              .map((guide) => (
                <button
                  key={guide.key}
                  type="button"
                  aria-current={guide === shown}
                  onClick={() => change({ sdk: guide.key }, 'push')}
                >
                  {nameOf(guide)}
                </button>
              ))}
          </div>
        ))}
      </nav>
      {shown && (
        <div className={style['steps']} aria-label={nameOf(shown)} role="region">
          {doors.daemon === undefined && <p className="quiet">{words('start.closed')}</p>}
          {shown.steps.map((step, index) => (
            <section key={`${shown.key}${step.say}`} className="card">
              <header>
                <h2>
                  {shown.steps.length > 1 && shown.section !== 'try' && (
                    <span className={style['number']}>{index + 1}</span>
                  )}
                  {words(`start.says.${step.say}`)}
                </h2>
                <CopyButton text={step.text} label={words('start.copy')} />
              </header>
              <pre tabIndex={0} aria-label={words(`start.says.${step.say}`)}>
                {step.text}
              </pre>
            </section>
          ))}
          {shown.section === 'relay' && <p className="quiet">{words('start.keys')}</p>}
        </div>
      )}
    </div>
  );
}
