// Theme, language and time zone of this browser.
import { zoneName } from '../lib/format.ts';
import { useWords } from '../state/language.tsx';
import { LANGUAGES, THEMES, prefer, usePreferences } from '../state/preferences.ts';
import type { Language } from '../state/preferences.ts';
import style from './settings.module.css';

/** Each in its own words, for whoever cannot read the present one. */
const NAMES: Record<Language, string> = { en: 'English', ko: '한국어', ja: '日本語' };

function zones(): string[] {
  return ['UTC', ...Intl.supportedValuesOf('timeZone').filter((zone) => zone !== 'UTC')];
}

export function SettingsMenu({ openHelp }: { openHelp: () => void }) {
  const words = useWords();
  const { theme, language, zone } = usePreferences();
  const help = () => {
    document.getElementById('settings')?.hidePopover();
    openHelp();
  };
  return (
    <div
      id="settings"
      popover="auto"
      role="dialog"
      className={style['menu']}
      aria-label={words('top.settings')}
    >
      <fieldset>
        <legend>{words('top.theme')}</legend>
        <div className="segments">
          {THEMES.map((one) => (
            <button
              key={one}
              type="button"
              className="button"
              aria-pressed={theme === one}
              onClick={() => prefer({ theme: one })}
            >
              {words('top.themes', { theme: one })}
            </button>
          ))}
        </div>
      </fieldset>
      <fieldset>
        <legend>{words('top.language')}</legend>
        <div className="segments">
          {LANGUAGES.map((one) => (
            <button
              key={one}
              type="button"
              lang={one}
              className="button"
              aria-pressed={language === one}
              onClick={() => prefer({ language: one })}
            >
              {NAMES[one]}
            </button>
          ))}
        </div>
      </fieldset>
      <label>
        {words('top.zone')}
        <select
          className="input"
          value={zone}
          onChange={(event) => prefer({ zone: event.target.value })}
        >
          <option value="">
            {words('top.zoneBrowser', { zone: zoneName(Date.now(), { language }) })}
          </option>
          {zones().map((one) => (
            <option key={one}>{one}</option>
          ))}
        </select>
      </label>
      <button type="button" className="button" onClick={help}>
        {words('top.shortcuts')}
      </button>
    </div>
  );
}
