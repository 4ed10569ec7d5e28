import { parseArgs } from 'node:util';
import { hashPassword } from '../src/console/passwords';
import type { Deps } from '../src/deps';
import { addBelow, holdTree } from '../src/people/organisation-changes';
import { ensureRootOrganisation, organisationByKey, organisationKinds } from '../src/people/organisations';
import { staffRoles } from '../src/people/staff';
import { addStaff, disableStaff, listStaff, setPassword, usernameRule } from '../src/people/staff-changes';
import { type AuditEntry, recordAudit } from '../src/platform/audit';
import type { Tx } from '../src/platform/database';
import { UserError } from '../src/platform/errors';
import { StartupError } from '../src/platform/startup-error';
import { askNewPassword } from './ask-password';
import { withDeps } from './with-deps';

// `npm run staff -- …`: who may use the console. The console itself needs someone to sign in first.
const usage = `用法：
  npm run staff -- add <用户名> --name <姓名> --organisation <组织> --role <角色>[,<角色>…]
  npm run staff -- password <用户名>        换口令，已登录的全部退出
  npm run staff -- disable <用户名>         停用，立即生效
  npm run staff -- list
  npm run staff -- organisation add <组织> --parent <上级组织> --kind <种类> --title <名称>
  npm run staff -- organisation list
口令在终端里输入（不显示），或从标准输入给出一行。
角色：${staffRoles.join('、')}
组织的种类：${organisationKinds.join('、')}`;

withDeps(async (deps) => {
  await ensureRootOrganisation(deps.db, deps.clock);
  const { words, given } = readArguments();
  const act = acts[words.slice(0, words[0] === 'organisation' ? 2 : 1).join(' ')];
  if (!act) throw new StartupError(usage);
  try {
    console.log(await act(deps, given, words.at(-1)!));
  } catch (error) {
    throw error instanceof UserError ? new StartupError(error.message) : error;
  }
});

type Given = { name?: string; organisation?: string; role?: string; parent?: string; kind?: string; title?: string };

const acts: Record<string, (deps: Deps, given: Given, last: string) => Promise<string>> = {
  add: async (deps, given, username) => {
    mustFit(username, usernameRule.pattern, usernameRule.words);
    const name = required(given.name, '--name');
    const roles = chosen(required(given.role, '--role').split(','), staffRoles, '角色');
    const organisation = await existing(deps, required(given.organisation, '--organisation'));
    const passwordHash = await hashPassword(await askNewPassword());
    await deps.db.transaction(async (tx) => {
      const held = roles.map((role) => ({ role, organisationId: organisation.id }));
      const fresh = { username, name, organisationId: organisation.id, roles: held, passwordHash };
      await addStaff(tx, fresh, deps.clock.now());
      const detail = { organisation: organisation.key, roles };
      await trace(tx, deps, {
        organisationId: organisation.id,
        action: 'staff.add',
        subject: `staff:${username}`,
        detail,
      });
    });
    return `已添加 ${name}（${username}）：${organisation.title}，${roles.join('、')}`;
  },
  password: async (deps, _given, username) => {
    const hash = await hashPassword(await askNewPassword());
    await deps.db.transaction(async (tx) => {
      const organisationId = await setPassword(tx, username, hash, deps.clock.now());
      await trace(tx, deps, { organisationId, action: 'staff.password', subject: `staff:${username}` });
    });
    return `${username} 的口令已更换，已有的登录全部失效`;
  },
  disable: async (deps, _given, username) => {
    await deps.db.transaction(async (tx) => {
      const organisationId = await disableStaff(tx, username, deps.clock.now());
      await trace(tx, deps, { organisationId, action: 'staff.disable', subject: `staff:${username}` });
    });
    return `${username} 已停用`;
  },
  list: async ({ db }) =>
    (await listStaff(db))
      .map(({ username, name, organisation, roles, disabled }) =>
        [username, name, organisation, roles.join('、'), ...(disabled ? ['已停用'] : [])].join('\t'),
      )
      .join('\n') || '还没有人员',
  'organisation add': async (deps, given, key) => {
    mustFit(key, /^[a-z0-9]+(-[a-z0-9]+)*$/, '组织的 key 用小写字母、数字和连字符');
    const parent = await existing(deps, required(given.parent, '--parent'));
    const [kind] = chosen([required(given.kind, '--kind')], organisationKinds, '种类');
    const title = required(given.title, '--title');
    if (await organisationByKey(deps.db, key)) throw new StartupError(`已有组织 ${key}`);
    await deps.db.transaction(async (tx) => {
      await holdTree(tx);
      const added = await addBelow(tx, parent, { key, kind: kind!, title }, deps.clock);
      const detail = { title, kind, parent: parent.key };
      await trace(tx, deps, {
        organisationId: added.id,
        action: 'organisation.add',
        subject: `organisation:${key}`,
        detail,
      });
    });
    return `已添加组织 ${title}（${key}），在${parent.title}之下`;
  },
  'organisation list': async ({ db }) =>
    (
      await db.query<{ key: string; title: string; kind: string; path: string }>(
        'SELECT * FROM organisations ORDER BY path',
      )
    )
      .map(({ key, title, kind, path }) => `${'  '.repeat(path.split('/').length - 3)}${key}\t${title}\t${kind}`)
      .join('\n'),
};

function readArguments(): { words: string[]; given: Given } {
  const text = { type: 'string' } as const;
  const options = { name: text, organisation: text, role: text, parent: text, kind: text, title: text };
  try {
    const { positionals, values } = parseArgs({ options, allowPositionals: true });
    const wanted = { list: 1, organisation: positionals[1] === 'list' ? 2 : 3 }[positionals[0] ?? ''] ?? 2;
    if (positionals.length !== wanted) throw new StartupError(usage);
    return { words: positionals, given: values };
  } catch (error) {
    throw error instanceof StartupError ? error : new StartupError(`${(error as Error).message}\n${usage}`);
  }
}

/** Nobody of the staff is known here: whoever may run commands on this machine did it. */
const trace = (tx: Tx, { clock }: Deps, entry: Omit<AuditEntry, 'at' | 'staffId' | 'address'>): Promise<void> =>
  recordAudit(tx, { ...entry, at: clock.now(), staffId: null, address: '命令行' });

function required(value: string | undefined, name: string): string {
  const text = value?.trim();
  if (!text) throw new StartupError(`缺少 ${name}\n${usage}`);
  return text;
}

function chosen<T extends string>(given: string[], known: readonly T[], what: string): T[] {
  const wrong = given.filter((one) => !known.includes(one.trim() as T));
  if (wrong.length > 0) throw new StartupError(`没有这样的${what}：${wrong.join('、')}。可用：${known.join('、')}`);
  return [...new Set(given.map((one) => one.trim() as T))];
}

function mustFit(text: string, pattern: RegExp, rule: string): void {
  if (!pattern.test(text)) throw new StartupError(rule);
}

async function existing({ db }: Deps, key: string) {
  const organisation = await organisationByKey(db, key);
  if (!organisation) throw new StartupError(`没有组织 ${key}，现有的见 npm run staff -- organisation list`);
  return organisation;
}
