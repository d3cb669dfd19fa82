import { type Operation, type Parameter, parametersOf } from '../../openapi/index.ts'
import { typed, type Validator } from '../../schema/index.ts'
import type { ValidationError } from '../status.ts'
import { ContractError } from './contract-error.ts'
import { pointerIn } from './pointer-in.ts'
import { type ParameterSource, readParameter } from './read-parameter.ts'
import { validatorOf } from './validator.ts'

export type ParameterCheck = (source: ParameterSource) => readonly ValidationError[]

/** Checks the parameters of a callback operation and of its path item. Throws `ContractError` and `SchemaInvalidError`. */
export function parameterCheckOf(operation: Operation): ParameterCheck {
  const { description } = operation
  const { parameters, failures } = parametersOf(operation)
  const [failure] = failures
  if (failure !== undefined) throw new ContractError(pointerIn(description, failure.at), failure.message)
  const checked = parameters.filter((one) => !isIgnored(one))
  const validators = new Map<Parameter, Validator>()
  for (const one of checked) if (one.schema !== undefined) validators.set(one, validatorOf(description, one.schema, 'request'))

  return (source) =>
    checked.flatMap((parameter): readonly ValidationError[] => {
      const where = parameter.in === 'querystring' ? 'query' : parameter.in
      const pointer = `/${parameter.name.replaceAll('~', '~0').replaceAll('/', '~1')}`
      const read = readParameter(description, parameter, source)
      if (read === undefined) {
        if (!parameter.required || (parameter.in === 'path' && !source.path.has(parameter.name))) return []
        return [{ in: where, pointer, schemaPointer: '#', message: 'is missing' }]
      }
      const validate = validators.get(parameter)
      const errors =
        validate?.(parameter.contents.length > 0 ? read.value : typed(description, parameter.schema, read.value)) ?? []
      return errors.map((error) => ({ in: where, ...error, pointer: `${pointer}${error.pointer}` }))
    })
}

/** OAS 3, Parameter Object: header parameters of these names are not parameters. */
function isIgnored({ in: location, name }: Parameter): boolean {
  return location === 'header' && ['accept', 'content-type', 'authorization'].includes(name.toLowerCase())
}
