let context: AudioContext | undefined

/** Two short tones. A browser that was not touched yet keeps silent: then the phone has vibrated. */
export function ringTone(): void {
  try {
    context ??= new AudioContext()
    for (const at of [0, 0.25]) beep(context, context.currentTime + at)
  } catch (error) {
    console.warn('no tone', error)
  }
}

function beep(audio: AudioContext, at: number): void {
  const oscillator = audio.createOscillator()
  const volume = audio.createGain()
  volume.gain.value = 0.4
  oscillator.frequency.value = 880
  oscillator.connect(volume).connect(audio.destination)
  oscillator.start(at)
  oscillator.stop(at + 0.18)
}
