// What this browser prefers: theme, language, time zone, density, keys.
import type { ReactNode } from 'react';
import { useWords } from '../../state/language.tsx';
import { LANGUAGES, THEMES, prefer, usePreferences } from '../../state/preferences.ts';
import type { Language } from '../../state/preferences.ts';
import { openOverlay } from '../overlay.ts';
import style from './settings.module.css';
import { ZoneSelect } from './zone.tsx';

/** Each in its own words, for whoever cannot read the present one. */
const NAMES: Record<Language, string> = { en: 'English', ko: '한국어', ja: '日本語' };

interface Choice {
  key: string;
  label: ReactNode;
  isChosen: boolean;
  pick: () => void;
  lang?: string;
}

function Choices({ title, choices }: { title: string; choices: readonly Choice[] }) {
  return (
    <fieldset>
      <legend>{title}</legend>
      <div className="segments">
        {choices.map(({ key, label, isChosen, pick, lang }) => (
          <button
            key={key}
            type="button"
            lang={lang}
            className="button"
            aria-pressed={isChosen}
            onClick={pick}
          >
            {label}
          </button>
        ))}
      </div>
    </fieldset>
  );
}

export default function SettingsMenu({ close }: { close: () => void }) {
  const words = useWords();
  const { theme, language, isDense, hasKeys } = usePreferences();
  return (
    <div className={style['menu']}>
      <Choices
        title={words('top.theme')}
        choices={THEMES.map((one) => ({
          key: one,
          label: words('top.themes', { theme: one }),
          isChosen: theme === one,
          pick: () => prefer({ theme: one }),
        }))}
      />
      <Choices
        title={words('top.language')}
        choices={LANGUAGES.map((one) => ({
          key: one,
          label: NAMES[one],
          isChosen: language === one,
          pick: () => prefer({ language: one }),
          lang: one,
        }))}
      />
      <ZoneSelect />
      <Choices
        title={words('top.density')}
        choices={[true, false].map((one) => ({
          key: String(one),
          label: words(one ? 'top.dense' : 'top.wide'),
          isChosen: isDense === one,
          pick: () => prefer({ isDense: one }),
        }))}
      />
      <label className={style['check']}>
        <input
          type="checkbox"
          checked={hasKeys}
          onChange={(event) => prefer({ hasKeys: event.target.checked })}
        />
        {words('top.hasKeys')}
      </label>
      <button
        type="button"
        className="button"
        onClick={() => {
          close();
          openOverlay('keys');
        }}
      >
        {words('top.shortcuts')}
      </button>
    </div>
  );
}
