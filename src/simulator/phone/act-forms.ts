import { z } from 'zod';
import { check, PhoneError } from './phone-error';

const latitude = z.number().min(-90).max(90);
const longitude = z.number().min(-180).max(180);
const key = z.string().min(1).max(512);
const picture = z.string().min(1);
const choice = z.strictObject({ templateId: z.string().min(1), accept: z.boolean() });

/** What a citizen can do, by the one word that names it. */
const forms = {
  text: z.strictObject({ text: z.string().min(1).max(20_000) }),
  click: z.strictObject({ click: key }),
  view: z.strictObject({ view: z.string().min(1).max(1024), menuId: z.string().optional() }),
  event: z.strictObject({
    event: z.string().min(1).max(64),
    key: z.string().max(512).optional(),
    /** further elements of the event, as they stand in its XML */
    fields: z.record(z.string().regex(/^[A-Za-z_]\w*$/), z.union([z.string(), z.number()])).optional(),
  }),
  image: z.strictObject({ image: picture }),
  voice: z.strictObject({ voice: z.string().max(20_000) }),
  video: z.strictObject({ video: z.literal(true), short: z.boolean().optional() }),
  location: z.strictObject({
    location: z.strictObject({
      latitude,
      longitude,
      label: z.string().default(''),
      scale: z.number().int().min(1).max(20).default(15),
    }),
  }),
  locationSelect: z.strictObject({
    locationSelect: z.strictObject({
      key: key.default('location'),
      latitude,
      longitude,
      label: z.string().default(''),
      poiName: z.string().default(''),
      scale: z.number().int().default(15),
    }),
  }),
  position: z.strictObject({
    position: z.strictObject({ latitude, longitude, precision: z.number().min(0).default(60) }),
  }),
  pics: z.strictObject({ pics: z.number().int().min(1).max(9), key: key.default('pics') }),
  scan: z.strictObject({
    scan: z.union(
      [
        z.strictObject({ scene: z.union([z.string().min(1).max(64), z.number().int().transform(String)]) }),
        z.strictObject({ ticket: z.string().min(1) }),
        z.strictObject({ result: z.string().min(1), key: key.optional() }),
      ],
      { error: '须为 {"scene"}、{"ticket"} 或 {"result"} 之一' },
    ),
  }),
  msgmenu: z.strictObject({
    msgmenu: z.strictObject({
      id: z.union([z.string().min(1), z.number()]).transform(String),
      text: z.string().min(1),
    }),
  }),
  link: z.strictObject({
    link: z.strictObject({
      title: z.string().default(''),
      url: z.string().min(1),
      description: z.string().default(''),
    }),
  }),
  subscribe: z.strictObject({ subscribe: z.union([choice.transform((one) => [one]), z.array(choice).min(1).max(5)]) }),
  xml: z.strictObject({ xml: z.string().min(1) }),
};

type Forms = typeof forms;
export type Act = { [Name in keyof Forms]: { act: Name } & z.infer<Forms[Name]> }[keyof Forms];

/** One act of a citizen. */
export function readAct(input: unknown): Act {
  const given = check(z.record(z.string(), z.unknown(), { error: '请求体须为 JSON 对象' }), input);
  const names = Object.keys(forms).filter((name) => Object.hasOwn(given, name)) as (keyof Forms)[];
  const [name] = names;
  if (!name) throw new PhoneError(400, `须给出 ${Object.keys(forms).join('、')} 之一`);
  if (names.length > 1) throw new PhoneError(400, `一次只能做一件事，却同时给出了 ${names.join('、')}`);
  return { act: name, ...check<object>(forms[name], given) } as Act;
}
