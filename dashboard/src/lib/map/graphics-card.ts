/**
 * Whether a graphics card draws. WebGL done by the processor is slower than a plain canvas, which draws the few hundred
 * points in view (3 against 50 frames a second while panning, without a card).
 */
export function hasGraphicsCard(): boolean {
  known ??= ask()
  return known
}

let known: boolean | undefined

function ask(): boolean {
  const context = document.createElement('canvas').getContext('webgl2')
  const info = context?.getExtension('WEBGL_debug_renderer_info')
  const renderer: unknown = info
    ? context?.getParameter(info.UNMASKED_RENDERER_WEBGL)
    : context?.getParameter(context.RENDERER)
  context?.getExtension('WEBGL_lose_context')?.loseContext()
  return typeof renderer === 'string' && !/swiftshader|llvmpipe|software|basic render/i.test(renderer)
}
