import type { Middleware } from 'koa';
import { z } from 'zod';
import { fileTypeOf } from './file-answer';
import type { Route } from './route';

/** `signed`: by programs with a key, see src/open. */
type Described = { prefix: string; title: string; routes: readonly Route[]; signed?: boolean };
type Schema = Record<string, unknown>;

const fault = {
  type: 'object',
  required: ['error'],
  properties: {
    error: {
      type: 'object',
      required: ['code', 'message'],
      properties: {
        code: { type: 'string' },
        message: { type: 'string', description: '给人看的中文说明' },
        fields: { type: 'object', additionalProperties: { type: 'string' }, description: '哪一项不对，应当怎样' },
      },
    },
  },
};

/** The OpenAPI 3.1 document of the given groups, made from their routes' contracts. */
export function apiDocument(groups: readonly Described[], { url, version }: { url: string; version: string }): Schema {
  const paths: Record<string, Record<string, Schema>> = {};
  for (const group of groups)
    for (const route of group.routes) {
      const path = `${group.prefix}${route.path}`.replace(/:(\w+)/g, '{$1}');
      paths[path] = { ...paths[path], [route.method]: describe(route, path, group) };
    }
  return {
    openapi: '3.1.0',
    info: { title: '微办 API', version, license: { name: 'MIT', identifier: 'MIT' } },
    servers: [{ url }],
    tags: [...new Set(groups.map(({ title }) => title))].map((name) => ({ name })),
    paths,
    components: {
      schemas: { Fault: fault },
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' },
        signature: {
          type: 'apiKey',
          in: 'header',
          name: 'X-Weiban-Signature',
          description: 'HMAC-SHA256，连同 X-Weiban-Key、X-Weiban-Timestamp、Idempotency-Key，见 docs/open-api.md',
        },
      },
      responses: {
        Fault: {
          description: '出错',
          content: { 'application/json': { schema: { $ref: '#/components/schemas/Fault' } } },
        },
      },
    },
  };
}

function describe(route: Route, path: string, { title: tag, signed = false }: Described): Schema {
  const open = route.roles === 'public';
  const refusals = [
    ...(open ? [] : ['401', '403']),
    ...(route.params ? ['404'] : []),
    ...(signed ? ['409', '413', '429'] : []),
    '422',
  ];
  return {
    tags: [tag],
    summary: route.summary,
    // Whole, since services have routes of the same name.
    operationId: `${route.method} ${path.replace('/api/', '')}`.replace(/[^a-z0-9]+/gi, '-').replace(/-$/, ''),
    ...(open ? {} : { security: [{ [signed ? 'signature' : 'bearer']: [] }] }),
    ...(open || signed ? {} : { description: `角色：${(route.roles as string[]).join('、')}` }),
    parameters: [
      ...parameters(route.params, 'path'),
      ...parameters(route.query, 'query'),
      ...(signed ? signedWith : []),
    ],
    ...(route.body && {
      requestBody: { required: true, content: { 'application/json': { schema: schemaOf(route.body, 'input') } } },
    }),
    ...(route.upload && {
      requestBody: {
        required: true,
        description: `文件本身，最多 ${route.upload.mostBytes} 字节`,
        content: Object.fromEntries(route.upload.types.map((type) => [`${type}*`, file])),
      },
    }),
    responses: {
      [route.status]: { description: '成功', content: answerOf(route.output) },
      ...Object.fromEntries(refusals.map((status) => [status, { $ref: '#/components/responses/Fault' }])),
    },
  };
}

const header = (name: string, description: string): Schema => ({
  name,
  in: 'header',
  required: true,
  description,
  schema: { type: 'string' },
});
const signedWith = [
  header('X-Weiban-Key', '密钥编号'),
  header('X-Weiban-Timestamp', '现在的 Unix 时间，以秒计，与服务器最多相差 5 分钟'),
  header('Idempotency-Key', '这一次请求的标识：重发时不变，得到同样的答复'),
];

const file = { schema: { type: 'string', format: 'binary' } };

function answerOf(output: z.ZodType): Schema {
  const type = fileTypeOf(output);
  return type ? { [type]: file } : { 'application/json': { schema: schemaOf(output, 'output') } };
}

function parameters(schema: z.ZodType | undefined, place: 'path' | 'query'): Schema[] {
  if (!schema) return [];
  const { properties = {}, required = [] } = schemaOf(schema, 'input') as {
    properties?: Record<string, Schema>;
    required?: string[];
  };
  return Object.entries(properties).map(([name, { description, ...one }]) => ({
    name,
    in: place,
    required: place === 'path' || required.includes(name),
    ...(description ? { description } : {}),
    schema: one,
  }));
}

function schemaOf(schema: z.ZodType, io: 'input' | 'output'): Schema {
  const { $schema, '~standard': _, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any' }) as Schema;
  return rest;
}

/** GET /api/openapi.json */
export function apiDocumentRoute(groups: readonly Described[], url: string): Middleware {
  const document = apiDocument(groups, { url, version: '0.1.0' });
  return async (ctx, next) => {
    if (ctx.path !== '/api/openapi.json') return next();
    ctx.body = document;
  };
}
