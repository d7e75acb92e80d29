// Chosen theme, else the phone's own: `day` or `night`.
{
  const chosen = localStorage.getItem('theme')
  const night = chosen ? chosen === 'night' : matchMedia('(prefers-color-scheme: dark)').matches
  document.documentElement.dataset.theme = night ? 'night' : 'day'
  document.documentElement.lang = localStorage.getItem('language') === 'en' ? 'en' : 'zh-Hant-TW'
}
