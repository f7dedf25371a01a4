// The words of the chosen language, loaded when it is chosen.
import { useEffect, useState } from 'react';
import type { ReactNode } from 'react';
import { IntlProvider, useTranslations } from 'use-intl';
import { usePreferences } from './preferences.ts';
import type { Language } from './preferences.ts';

type Messages = typeof import('../messages/en/index.ts');

const LOAD: Record<Language, () => Promise<Messages>> = {
  en: () => import('../messages/en/index.ts'),
  ko: () => import('../messages/ko/index.ts'),
  ja: () => import('../messages/ja/index.ts'),
};

/** Returns how words are looked up: by their key, with what they speak of. */
export const useWords = useTranslations as () => ReturnType<typeof useTranslations>;

/** Shows its children once the words are there; keeps the old ones while new ones load. */
export function LanguageProvider({ children }: { children: ReactNode }) {
  const { language } = usePreferences();
  const [loaded, setLoaded] = useState<{ language: Language; messages: Messages }>();
  useEffect(() => {
    let isCurrent = true;
    void LOAD[language]().then((module) => {
      if (!isCurrent) return;
      document.documentElement.lang = language;
      setLoaded({ language, messages: { ...module } });
    });
    return () => {
      isCurrent = false;
    };
  }, [language]);
  if (!loaded) return null;
  return (
    <IntlProvider locale={loaded.language} messages={loaded.messages} timeZone="UTC">
      {children}
    </IntlProvider>
  );
}
