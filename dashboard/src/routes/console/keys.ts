const switches = ['checkbox', 'radio', 'file']

/** Is somebody typing, or answering a dialog? Then keys are theirs. A box takes Space and nothing else. */
export function isTyping(event: KeyboardEvent): boolean {
  const { target } = event
  const isText = target instanceof HTMLInputElement && (event.key === ' ' || !switches.includes(target.type))
  return (
    isText ||
    target instanceof HTMLSelectElement ||
    target instanceof HTMLTextAreaElement ||
    document.querySelector('dialog[open]') !== null
  )
}
