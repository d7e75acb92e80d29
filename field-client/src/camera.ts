export type CameraProblem = 'denied' | 'no-camera' | 'insecure' | 'failed'

/** Opens the camera at the back. */
export async function openCamera(): Promise<MediaStream | CameraProblem> {
  if (!navigator.mediaDevices) return 'insecure'
  try {
    return await navigator.mediaDevices.getUserMedia({
      audio: false,
      // 720p reads a 35 mm label at arm's length, and decodes in a few ms.
      video: { facingMode: 'environment', width: { ideal: 1280 }, height: { ideal: 720 } },
    })
  } catch (error) {
    const name = error instanceof DOMException ? error.name : ''
    if (name === 'NotAllowedError' || name === 'SecurityError') return 'denied'
    return name === 'NotFoundError' || name === 'NotReadableError' || name === 'OverconstrainedError'
      ? 'no-camera'
      : 'failed'
  }
}

export function closeCamera(stream: MediaStream): void {
  for (const track of stream.getTracks()) track.stop()
}

export function hasTorch(stream: MediaStream): boolean {
  const track = stream.getVideoTracks()[0]
  // Firefox has no getCapabilities.
  return track?.getCapabilities !== undefined && 'torch' in track.getCapabilities()
}

/** Returns whether the light is on now. */
export async function setTorch(stream: MediaStream, on: boolean): Promise<boolean> {
  try {
    await stream.getVideoTracks()[0]?.applyConstraints({ advanced: [torchConstraint(on)] })
    return on
  } catch {
    // The lamp is in use or too hot: then it is simply not on.
    return false
  }
}

// TypeScript's DOM does not know the torch.
function torchConstraint(torch: boolean) {
  return { torch } as MediaTrackConstraintSet
}
