import { defineService } from '../../dialogue/service';
import { jobs } from './jobs';
import { notices } from './notices';

/** 预约: hospital and police counters, never overbooked. */
export const appointments = defineService({
  key: 'appointments',
  kind: 'do',
  title: '预约办事',
  opens: [],
  notices,
  jobs,
});
