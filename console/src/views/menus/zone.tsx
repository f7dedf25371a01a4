// In which zone times are shown.
import { zoneName } from '../../lib/format.ts';
import { useWords } from '../../state/language.tsx';
import { prefer, usePreferences } from '../../state/preferences.ts';
import style from './settings.module.css';

function zones(): string[] {
  return ['UTC', ...Intl.supportedValuesOf('timeZone').filter((zone) => zone !== 'UTC')];
}

export function ZoneSelect() {
  const words = useWords();
  const { language, zone } = usePreferences();
  const all = zones();
  return (
    <label className={style['field']}>
      {words('top.zone')}
      <select
        className="input"
        value={zone}
        onChange={(event) => prefer({ zone: event.target.value })}
      >
        <option value="">
          {words('top.zoneBrowser', { zone: zoneName(Date.now(), { language }) })}
        </option>
        {/* A link may name a zone that the list has by another name. */}
        {zone !== '' && !all.includes(zone) && <option>{zone}</option>}
        {all.map((one) => (
          <option key={one}>{one}</option>
        ))}
      </select>
    </label>
  );
}
