import type { Reason } from '@patrol/contract'
import { flag, reject, type ScanFacts } from './scan-facts.ts'

/**
 * Who signed. Before an officer has an enrolled device nothing is asked; from then on what comes without its signature is
 * flagged. A right signature binds officer and device at the scan, so whoever uploads it later is only a courier.
 */
export function judgeDevice(facts: ScanFacts, scannedAt: Date): Reason[] {
  const { checkIn, device, officerEnrolled, courier } = facts
  const brought = courier ? [flag('device-shared')] : []
  const unsigned = [...(officerEnrolled ? [flag('device-not-enrolled')] : []), ...brought]
  if (checkIn.device === undefined) return unsigned
  if (device === null) return [flag('device-not-enrolled'), ...brought]
  if (!device.signatureRight) return [reject('device-signature-wrong')]
  if (device.revokedAt !== null && device.revokedAt <= scannedAt) return [reject('device-revoked')]
  // It waits for its approval: as good as unsigned, and no worse.
  if (device.approvedAt === null) return unsigned
  // Who signs with his own phone is not to blame for what others signed with it.
  if (device.ownerId === facts.officerId) return []
  return device.ownerId !== null || device.shared ? [flag('device-shared')] : []
}
