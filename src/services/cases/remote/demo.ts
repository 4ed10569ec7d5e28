import type { ServiceDeps } from '../../../dialogue/service';
import { type Description, descriptionContract } from './description';
import { remoteKey, remoteSettings } from './settings';

/** Where the simulator's made-up office answers; this machine itself, which has to be allowed by name. */
export async function loadRemoteDemo(deps: ServiceDeps): Promise<void> {
  const { db, clock, settings, encryption, publicUrl } = deps;
  const { host, hostname, port, protocol } = new URL(publicUrl);
  const named = port ? host : `${hostname}:${protocol === 'https:' ? 443 : 80}`;
  const { localHosts, ...rest } = remoteSettings(settings);
  if (!localHosts.includes(named)) await settings.set(remoteKey, { ...rest, localHosts: [...localHosts, named] });
  const stored = { description: demoDescription(publicUrl), secretSealed: encryption.seal('demo-backoffice-token') };
  // The port may be another one at each start; what a visitor has changed otherwise stays changed.
  await db.query(
    `INSERT INTO case_sources AS s (key, title, organisation_id, adapter, settings, created_at)
     SELECT 'demo-backoffice', '示例市出入境（接口演示）', id, 'remote', $1::jsonb, $2 FROM organisations WHERE key = 'police'
     ON CONFLICT (key) DO UPDATE SET settings =
       jsonb_set(s.settings, '{description,baseUrl}', excluded.settings #> '{description,baseUrl}')
       WHERE s.settings #>> '{description,baseUrl}' LIKE '%/simulator/backoffice'`,
    [JSON.stringify(stored), clock.now()],
  );
}

const demoDescription = (publicUrl: string): Description =>
  descriptionContract.parse({
    baseUrl: `${publicUrl}/simulator/backoffice`,
    auth: { kind: 'bearer' },
    byNumber: { path: '/cases/{number}', cases: 'data' },
    ofPerson: { path: '/cases', query: { idNo: '{document}' }, cases: 'data.list' },
    result: { path: 'code', ok: ['0'], none: ['404'] },
    mapping: {
      number: 'caseNo',
      document: 'idNo',
      code: 'queryCode',
      kind: 'typeCode',
      place: 'addr',
      steps: { list: 'track', state: 'st', at: 'tm', note: 'memo' },
      time: { format: 'yyyy-MM-dd HH:mm:ss' },
      kinds: {
        A02: { kind: 'exit-permit', states: { '10': 'accepted', '20': 'approved', '30': 'ready', '40': 'collected' } },
      },
    },
  });
