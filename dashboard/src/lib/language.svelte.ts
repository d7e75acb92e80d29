import { messages, type Language, type Messages } from './messages.ts'

const key = 'patrol.language'

function readChoice(): Language {
  return localStorage.getItem(key) === 'en' ? 'en' : 'zh-TW'
}

let current = $state<Language>(readChoice())

/** @returns the texts of the chosen language; read inside markup or `$derived`, it follows the choice */
export function t(): Messages {
  return messages[current]
}

export function language(): Language {
  return current
}

export function chooseLanguage(choice: Language): void {
  current = choice
  localStorage.setItem(key, choice)
}
