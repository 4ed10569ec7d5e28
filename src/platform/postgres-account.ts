import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { chmod, mkdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { copyBinaries } from './postgres-binaries';
import { StartupError } from './startup-error';

const run = promisify(execFile);

/** As whom PostgreSQL runs, which refuses to run as root, and from which folders. */
export type PostgresAccount = {
  /** what stands before the binary on the command line */
  prefix: string[];
  /** the ordinary user to become, when we are root and may not enter a user namespace */
  ids: { uid?: number; gid?: number };
  native: string;
  /** the folder that holds the cluster and its log */
  home: string;
};

type Place = { native: string; dataDir: string; home: string };

/**
 * @param home where the cluster already is, or would be: normally the data folder itself
 * @throws StartupError when this process may run PostgreSQL in no way
 */
export async function chooseAccount(place: Place): Promise<PostgresAccount> {
  if (process.getuid?.() !== 0) return { prefix: [], ids: {}, native: place.native, home: place.home };
  const owner = await ownerOf(path.join(place.home, 'postgres'));
  const account =
    owner && owner.uid !== 0
      ? await asUser(place, owner)
      : ((await inUserNamespace(place)) ?? (await asOrdinaryUser(place)));
  if (account) return account;
  throw new StartupError(
    'root 不能运行自带的 PostgreSQL，也没有找到可用的普通用户：请用普通用户启动，或设置 DATABASE_URL 使用已有的数据库',
  );
}

/** Root within a namespace of its own is an ordinary user there, but still enters every folder of root's. */
async function inUserNamespace(place: Place): Promise<PostgresAccount | undefined> {
  for (const { uid, gid } of await ordinaryUsers()) {
    const prefix = ['unshare', '--user', `--map-user=${uid}`, `--map-group=${gid}`];
    const account = { prefix, ids: {}, native: place.native, home: place.home };
    if (await works(account, '-w')) return account;
  }
  return undefined;
}

async function asOrdinaryUser(place: Place): Promise<PostgresAccount | undefined> {
  const [user] = await ordinaryUsers();
  return user && asUser(place, user);
}

async function asUser(place: Place, ids: { uid: number; gid: number }): Promise<PostgresAccount | undefined> {
  const { dataDir } = place;
  const open = place.home !== dataDir || (await everyoneEnters(path.dirname(dataDir)));
  const home = open ? place.home : path.join('/var/lib/weiban', randomUUID());
  await mkdir(home, { recursive: true });
  // Passing through is all that others may do here; each file in it keeps its own mode.
  await chmod(home, 0o711);
  const inPlace = { prefix: [], ids, native: place.native, home };
  if (await works(inPlace, '-x')) return inPlace;
  const copied = { ...inPlace, native: await copyBinaries(place.native, home) };
  return (await works(copied, '-x')) ? copied : undefined;
}

/** Whether the binaries start this way, with the right wanted to the folder: the cluster within it is handed over to a plain user. */
async function works({ prefix, ids, native, home }: PostgresAccount, right: '-w' | '-x'): Promise<boolean> {
  const probe = [
    'sh',
    '-c',
    '"$1" --version && test "$3" "$2"',
    'sh',
    path.join(native, 'bin', 'postgres'),
    home,
    right,
  ];
  const [command = 'sh', ...args] = [...prefix, ...probe];
  return run(command, args, { ...ids, cwd: '/', timeout: 10_000 }).then(
    () => true,
    () => false,
  );
}

/** initdb wants a name for the user it runs as, so the number has to be one of /etc/passwd. */
async function ordinaryUsers(): Promise<{ uid: number; gid: number }[]> {
  const lines = (await readFile('/etc/passwd', 'utf8').catch(() => '')).split('\n').map((line) => line.split(':'));
  const users = lines
    .map(([name, , uid, gid]) => ({ name, uid: Number(uid), gid: Number(gid) }))
    .filter(({ uid }) => uid > 0);
  const rank = ({ name }: { name: string | undefined }) => ['postgres', 'nobody'].indexOf(name ?? '') >>> 0;
  return users.sort((a, b) => rank(a) - rank(b)).slice(0, 2);
}

async function everyoneEnters(folder: string): Promise<boolean> {
  const { mode } = await stat(folder);
  const parent = path.dirname(folder);
  return (mode & 0o001) !== 0 && (parent === folder || (await everyoneEnters(parent)));
}

async function ownerOf(folder: string): Promise<{ uid: number; gid: number } | undefined> {
  return stat(folder).catch(() => undefined);
}
