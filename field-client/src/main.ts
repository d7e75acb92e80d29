import { mount } from 'svelte'
import App from './App.svelte'
import './app.css'
import { chooseLanguage, preferences, t } from './preferences.svelte.ts'
import { startRoute } from './route.svelte.ts'
import { recallSession } from './session.ts'
import { openStore } from './store.ts'
import { startUpdates } from './update.ts'
import { refreshCounts } from './upload.ts'
import { loadWatch } from './watch.svelte.ts'

const target = document.getElementById('app')
if (!target) throw new Error('index.html has no #app')
chooseLanguage(preferences.language)
try {
  const store = await openStore('patrol-field', () => location.reload())
  // What waits is counted before anything is shown: else the first screen would say that all is uploaded.
  await Promise.all([recallSession(store), refreshCounts(store), loadWatch(store)])
  startRoute()
  mount(App, { target, props: { store } })
} catch (error) {
  // Without its database the app would take check-ins that it cannot keep.
  target.textContent = t('start.failed')
  throw error
}

void startUpdates()
// Check-ins must not fall to the browser's automatic clean-up.
void navigator.storage?.persist?.()
// A hundred font rules hold nothing up: the phone's own characters show first.
void import('@fontsource-variable/noto-sans-tc/wght.css')
