import { z } from 'zod';
import { answersTo, type Hit } from '../../dialogue/contributions';
import { citizenRoute as route } from '../../dialogue/service';
import { notFound } from '../../platform/errors';
import { bearerOf, link, mustBeForAll } from './bearer';

const shown = 3;

/** What needs nobody to answer it, before a question is sent. */
export const knownRoute = route({
  method: 'post',
  path: '/questions/:token/known',
  summary: '部门答疑：提问之前，办事指南和知识库里最像的三条',
  role: 'public',
  params: link,
  body: z.object({ text: z.string().trim().min(2).max(500) }),
  output: z.object({
    items: z.array(
      z.object({ title: z.string(), text: z.string(), link: z.string().nullable().describe('本站的网页，以 # 开头') }),
    ),
  }),
  handler: async (call, deps) => {
    const bearer = await bearerOf(call, deps);
    mustBeForAll(bearer);
    const account = deps.accounts.byId(bearer.accountId);
    if (!account) throw notFound('这个公众号');
    const ctx = { deps, account, openid: bearer.openid, at: deps.clock.now() };
    const hits = await answersTo(call.body.text, ctx);
    const others = hits.filter(({ key }) => !key.startsWith('questions.')).slice(0, shown);
    return { items: others.map((hit) => toItem(hit, `${deps.publicUrl}/h5/`)) };
  },
});

/** A short answer may end in the address of the whole; only a page of ours is made a link of. */
function toItem({ label, text: told = '' }: Hit, pages: string) {
  // Its heading says it already.
  const text = told.startsWith(`${label}：`) ? told.slice(label.length + 1) : told;
  const at = text.lastIndexOf(pages);
  if (at < 0) return { title: label, text, link: null };
  const [page = ''] = text.slice(at + pages.length).split(/\s/, 1);
  const hash = page.indexOf('#');
  return { title: label, text: text.slice(0, at).trim(), link: hash < 0 ? null : page.slice(hash) };
}
