import { Compile, type Validator } from 'typebox/compile'
import { Breadcrumb, type BreadcrumbReceipt } from '@patrol/contract'

/** Clocks of phones run a little ahead; more than this is no time we could believe. */
export const maxAheadMs = 120_000

export const breadcrumbItem: Validator = Compile(Breadcrumb)

/** Parts the usable items of a batch from the others, each of which is named. */
export function sortBreadcrumbs(
  items: readonly unknown[],
  now: Date,
  faultOf: (item: unknown) => { field: string; message: string },
): { good: Breadcrumb[]; invalid: BreadcrumbReceipt['invalid'] } {
  const good: Breadcrumb[] = []
  const invalid: BreadcrumbReceipt['invalid'] = []
  items.forEach((item, index) => {
    if (!isBreadcrumb(item)) invalid.push({ index, ...faultOf(item) })
    else if (Date.parse(item.recordedAt) > now.getTime() + maxAheadMs) {
      invalid.push({ index, field: '/recordedAt', message: 'is in the future' })
    } else good.push(item)
  })
  return { good, invalid }
}

function isBreadcrumb(item: unknown): item is Breadcrumb {
  return breadcrumbItem.Check(item)
}
