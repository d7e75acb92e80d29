/** Enough to know a face or a number plate at a few metres, and 200–300 kB. */
const LONGEST_SIDE = 1_280
const QUALITY = 0.75

/**
 * The picture coded anew: what a camera writes beside it (place, time, phone) is not in it any more.
 * @throws where the phone cannot read the file as a picture
 */
export async function shrinkPhoto(file: Blob): Promise<ArrayBuffer> {
  const picture = await createImageBitmap(file)
  const scale = Math.min(1, LONGEST_SIDE / Math.max(picture.width, picture.height))
  const canvas = document.createElement('canvas')
  canvas.width = Math.max(1, Math.round(picture.width * scale))
  canvas.height = Math.max(1, Math.round(picture.height * scale))
  canvas.getContext('2d')?.drawImage(picture, 0, 0, canvas.width, canvas.height)
  picture.close()
  const jpeg = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/jpeg', QUALITY))
  if (jpeg === null) throw new Error('The picture could not be coded.')
  return jpeg.arrayBuffer()
}
