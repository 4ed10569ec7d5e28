import { z } from 'zod';

type Schema = {
  type?: string;
  enum?: unknown[];
  const?: unknown;
  anyOf?: Schema[];
  allOf?: Schema[];
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  minItems?: number;
  minLength?: number;
  pattern?: string;
  format?: string;
  minimum?: number;
  exclusiveMinimum?: number;
  default?: unknown;
};

/** Something that a contract takes, made from the contract, so that whoever gets in reaches the handler. */
export const sampleOf = (contract: z.ZodType): unknown =>
  make(z.toJSONSchema(contract, { io: 'input', unrepresentable: 'any' }) as Schema);

function make(schema: Schema): unknown {
  if (schema.const !== undefined) return schema.const;
  if (schema.enum) return schema.enum[0];
  if (schema.default !== undefined) return schema.default;
  if (schema.anyOf) return make(schema.anyOf[0]!);
  if (schema.allOf) return make(Object.assign({}, ...schema.allOf));
  switch (schema.type) {
    case 'object':
      return Object.fromEntries(
        Object.entries(schema.properties ?? {}).map(([name, property]) => [name, make(property)]),
      );
    case 'array':
      return Array.from({ length: schema.minItems ?? 0 }, () => make(schema.items!));
    case 'string':
      return text(schema);
    case 'integer':
    case 'number':
      return Math.max(schema.minimum ?? 1, (schema.exclusiveMinimum ?? 0) + 1);
    case 'boolean':
      return false;
    default:
      return null;
  }
}

function text({ pattern, format, minLength = 1 }: Schema): string {
  const likely = ['试'.repeat(Math.max(minLength, 1)), '1', '2030-01-07', '2030-01-07T01:00:00Z', '09:00', 'one'];
  const dated = format === 'date-time' ? '2030-01-07T01:00:00Z' : format === 'date' ? '2030-01-07' : undefined;
  return (
    dated ?? likely.find((one) => one.length >= minLength && (!pattern || new RegExp(pattern, 'u').test(one))) ?? ''
  );
}
