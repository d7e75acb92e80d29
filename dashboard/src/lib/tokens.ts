/** The colours of `app.css` for what is drawn on a canvas; a test holds the two together. */
export const tokens = {
  bg: '#16181b',
  surface: '#222427',
  raised: '#2e3134',
  line: '#44484d',
  dim: '#94999e',
  normal: '#a6abb2',
  text: '#cdd1d6',
  strong: '#f0f2f4',
  p1: '#fc5048',
  p2: '#fcbb20',
  p3: '#4baeed',
} as const

export const fontFamily = "'Noto Sans TC Variable', 'Noto Sans TC', 'Noto Sans CJK TC', sans-serif"
