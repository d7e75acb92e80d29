import { expect, test } from 'vitest'
import { hasChromium, launchChromium } from './launch-chromium.ts'

test.skipIf(!hasChromium)('the browser of the tests draws WebGL2, which the wall needs', async () => {
  const browser = await launchChromium()
  try {
    const page = await browser.newPage()
    // As text: it runs in the page, and these files are checked without the browser's types.
    const version = await page.evaluate(
      "const gl = document.createElement('canvas').getContext('webgl2'); gl && gl.getParameter(gl.VERSION)",
    )
    expect(version).toMatch(/WebGL 2/)
  } finally {
    await browser.close()
  }
})
