/** What the simulator sends to this page, and what the page asks of it. */

export type Account = {
  key: string;
  title: string;
  mode: 'plain' | 'compat' | 'safe';
  originalId: string;
  appid: string;
};
export type Citizen = { openid: string; name: string; following: boolean; unread: number; lastAt: string | null };

export type Article = { title: string; description?: string; picUrl?: string; url?: string };
export type Card = {
  title?: string;
  templateId?: string;
  data: Record<string, { value: string }>;
  /** the fields with their names, as the template lays them out */
  lines?: { label: string; value: string }[];
  url?: string;
};
export type Template = { template_id: string; kind: 'template' | 'once' | 'long-term'; title: string };

export type MessageBody =
  | { type: 'text'; content: string }
  | { type: 'image'; url: string }
  | { type: 'voice'; recognition?: string; url?: string }
  | { type: 'video'; title?: string; url?: string }
  | { type: 'location'; latitude: number; longitude: number; label?: string }
  | { type: 'link'; title: string; url: string; description?: string }
  | { type: 'music'; title?: string; description?: string; musicUrl: string }
  | { type: 'event'; event: string; key?: string /** name of the menu button */; label?: string }
  | { type: 'news'; articles: Article[] }
  | { type: 'msgmenu'; head?: string; list: { id: string; content: string }[]; tail?: string }
  | ({ type: 'template' } & Card)
  | ({ type: 'subscribe' } & Card)
  | { type: 'notice'; content: string };

export type Message = MessageBody & {
  id: number;
  at: string;
  from: 'citizen' | 'account';
  via?: string;
  traceId?: number | string;
};

/** One thing a citizen does, in the form `POST /simulator/chats/:account/:openid` takes. */
export type Act =
  | { text: string }
  | { click: string }
  | { view: string }
  | { event: string; key?: string }
  | { image: string }
  | { voice: string }
  | { location: Place }
  | { scan: { scene: string } | { result: string; key?: string } }
  | { msgmenu: { id: string; text: string } }
  | { link: { title: string; url: string; description?: string } }
  | { locationSelect: Place & { key: string } }
  | { pics: number; key: string }
  | { subscribe: { templateId: string; accept: boolean } };

export type Place = { latitude: number; longitude: number; label: string };
export type Answer = { status: number; ms: number; replies: Message[]; traceId?: number | string };

export type MenuButton = {
  name: string;
  type?: string;
  key?: string;
  url?: string;
  pagepath?: string;
  sub_button?: MenuButton[];
};

export type Trace = {
  id: number | string;
  at: string;
  attempt: number;
  mode: string;
  requestUrl: string;
  requestXml: string;
  plainXml?: string | null;
  status: number | null;
  responseXml?: string | null;
  plainResponseXml?: string | null;
  ms: number;
  error?: string | null;
};

export type Send = {
  id: number | string;
  at: string;
  api: string;
  request: unknown;
  response: { errcode?: number; errmsg?: string };
};

export type FaultKind = 'latency' | 'busy' | '40001' | '45009' | 'drop' | 'drop-after' | 'repeat' | 'reorder';
export type NewFault = { api?: true; push?: true; kind: FaultKind; times: number; ms?: number };
export type Fault = {
  id: number | string;
  side: 'api' | 'push';
  /** of the call or push that it strikes, `*` for all */
  name: string;
  kind: string;
  times: number | null;
  rate: number | null;
  fired: number;
};
