/** Tones made in the browser: no sound files. */
export interface Sound {
  /** P1: three pulses; higher and in pairs once the ladder has been climbed. */
  pulse(how: { isEscalated: boolean }): void
  /** P2: one chime. */
  chime(): void
  /** Browsers hold sound back until somebody has touched the page. */
  isHeldBack(): boolean
  resume(): Promise<void>
  close(): void
}

export function openSound(): Sound {
  const context = new AudioContext()

  function tone(frequency: number, afterSeconds: number, seconds: number): void {
    const oscillator = context.createOscillator()
    const gain = context.createGain()
    const start = context.currentTime + afterSeconds
    oscillator.frequency.value = frequency
    gain.gain.setValueAtTime(0, start)
    gain.gain.linearRampToValueAtTime(0.4, start + 0.02)
    gain.gain.linearRampToValueAtTime(0, start + seconds)
    oscillator.connect(gain).connect(context.destination)
    oscillator.start(start)
    oscillator.stop(start + seconds)
  }

  return {
    pulse: ({ isEscalated }) => {
      for (const after of [0, 0.3, 0.6]) {
        tone(isEscalated ? 1_175 : 880, after, isEscalated ? 0.1 : 0.2)
        if (isEscalated) tone(1_568, after + 0.12, 0.12)
      }
    },
    chime: () => tone(587, 0, 0.7),
    isHeldBack: () => context.state !== 'running',
    resume: () => context.resume(),
    close: () => void context.close(),
  }
}
