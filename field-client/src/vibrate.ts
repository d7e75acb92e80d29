const patterns = { ok: [80], problem: [80, 60, 80, 60, 200] }

/** Felt without looking, where the phone can (iPhones cannot). */
export function vibrate(how: keyof typeof patterns): void {
  navigator.vibrate?.(patterns[how])
}
