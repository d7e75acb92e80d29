import { texts, type Language, type TextKey } from './texts.ts'

export type Theme = 'day' | 'night'

// `theme.js` reads the same two keys before the first paint.
let language = $state<Language>(localStorage.getItem('language') === 'en' ? 'en' : 'zh')
let theme = $state<Theme>(document.documentElement.dataset.theme === 'night' ? 'night' : 'day')

export const preferences = {
  get language() {
    return language
  },
  get theme() {
    return theme
  },
}

export function chooseLanguage(chosen: Language): void {
  language = chosen
  localStorage.setItem('language', chosen)
  document.documentElement.lang = chosen === 'en' ? 'en' : 'zh-Hant-TW'
  document.title = t('app')
}

export function chooseTheme(chosen: Theme): void {
  theme = chosen
  localStorage.setItem('theme', chosen)
  document.documentElement.dataset.theme = chosen
}

/** The text of this key in the chosen language; `{name}` is replaced by `values.name`. */
export function t(key: TextKey, values: Record<string, string | number> = {}): string {
  return texts[language][key].replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole))
}
