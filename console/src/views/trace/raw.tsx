// The segment documents as the server has them.
import { useMemo } from 'react';
import type { ReactNode } from 'react';
import type { RawTrace } from '../../model/tree.ts';
import { useWords } from '../../state/language.tsx';
import { CopyButton } from '../states.tsx';
import style from './page.module.css';

function pretty(document: string): unknown {
  try {
    return JSON.parse(document);
  } catch {
    return document;
  }
}

export function RawView({ raw, views }: { raw: RawTrace; views: ReactNode }) {
  const words = useWords();
  const text = useMemo(
    () =>
      JSON.stringify(
        {
          ...raw,
          Segments: raw.Segments.map((one) => ({ ...one, Document: pretty(one.Document) })),
        },
        null,
        2,
      ),
    [raw],
  );
  const download = () => {
    const link = document.createElement('a');
    link.href = URL.createObjectURL(new Blob([text], { type: 'application/json' }));
    link.download = `${raw.Id}.json`;
    link.click();
    URL.revokeObjectURL(link.href);
  };
  return (
    <section className={`card ${style['raw']}`}>
      <header>
        {views}
        <CopyButton text={text} label={words('trace.copy')} />
        <button type="button" className="button" onClick={download}>
          {words('trace.download')}
        </button>
      </header>
      <pre tabIndex={0}>{text}</pre>
    </section>
  );
}
