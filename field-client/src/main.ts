import { mount } from 'svelte'
import App from './App.svelte'
import './app.css'
import { chooseLanguage, preferences } from './preferences.svelte.ts'
import { startRoute } from './route.svelte.ts'
import { recallSession } from './session.ts'
import { openStore } from './store.ts'
import { startUpdates } from './update.ts'

const store = await openStore('patrol-field', () => location.reload())
await recallSession(store)
startRoute()
chooseLanguage(preferences.language)
const target = document.getElementById('app')
if (!target) throw new Error('index.html has no #app')
mount(App, { target, props: { store } })

void startUpdates()
// Check-ins must not fall to the browser's automatic clean-up.
void navigator.storage?.persist?.()
// A hundred font rules hold nothing up: the phone's own characters show first.
void import('@fontsource-variable/noto-sans-tc/wght.css')
