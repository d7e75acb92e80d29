import type { Validator } from 'typebox/compile'

/** The first fault that a validator finds: a JSON pointer to the field, and what is wrong with it. */
export function faultOf(
  validator: Pick<Validator, 'Errors'>,
  value: unknown,
): { field: string; message: string } {
  const fault = validator.Errors(value).find((one) => one.keyword !== 'anyOf') ?? validator.Errors(value)[0]
  if (fault === undefined) return { field: '/', message: 'is not valid' }
  const missing =
    fault.keyword === 'required' && Array.isArray(fault.params.requiredProperties)
      ? `/${String(fault.params.requiredProperties[0])}`
      : ''
  return { field: `${fault.instancePath}${missing}` || '/', message: fault.message }
}
