import type { Unknown, Violation } from '../engine/finding.ts';
import { defineRule } from '../engine/rule.ts';
import { isUnread } from '../kube/host-fact.ts';
import type { OvsEndpoint } from '../kube/host-ovs.ts';

export const requireRunningOvs = defineRule({
  meta: {
    id: 'VHG510',
    name: 'require-running-ovs',
    title: 'Require an ovs-vswitchd that answers',
    why: `When ovs-vswitchd dies, ovsdb-server keeps what it wrote last: \`dpdk_initialized\` stays true, ports stay \`connected\`. Whether it
is there shows only when it is asked: \`next_cfg\` is raised, and a living vswitchd sets \`cur_cfg\` to it. Without it no VM passes a packet,
and QEMU waits at its start for OVS to connect.`,
    remedy:
      '`systemctl restart openvswitch` (Debian: `openvswitch-switch`), and read the last lines of `/var/log/openvswitch/ovs-vswitchd.log`.',
    severity: 'error',
    targets: ['host'],
    needs: [],
    fix: 'none',
    since: '0.1.0',
    sources: [
      'https://docs.openvswitch.org/en/latest/ref/ovs-ctl.8/',
      'https://www.openvswitch.org/support/dist-docs/ovs-vswitchd.conf.db.5.html',
    ],
    falsePositives: 'A vswitchd that grows a large memory pool is silent for up to five seconds: a longer `--timeout` waits for it.',
    example: {
      file: 'host-snapshot.yaml',
      good: '    database: { path: /run/openvswitch/db.sock, state: answers }\n',
      bad: '    database: { path: /run/openvswitch/db.sock, state: dead, reason: nothing listens there }\n',
    },
  },
  *check({ ovs: { database, control, handshake } }) {
    if (database.state !== 'answers') return yield judge(database, 'ovsdb-server');
    if (!isUnread(handshake)) {
      const { field, isDone, nextCfg, curCfg } = handshake.value;
      if (isDone) return;
      const message = `ovs-vswitchd does not answer (it is at configuration ${curCfg} of ${nextCfg}): restart openvswitch`;
      return yield { path: field.path, message };
    }
    if (control.state === 'answers') return;
    yield judge(control, 'ovs-vswitchd');
  },
});

function judge({ state, stateField: { path }, reason }: OvsEndpoint, server: string): Violation | Unknown {
  const because = reason === undefined ? '' : `: ${reason}`;
  if (state === undefined) return { path, unknown: `whether ${server} answers is not in the snapshot` };
  if (state === 'forbidden') return { path, unknown: `${server} answers only its own user and root${because}` };
  if (state === 'failed') return { path, message: `${server} listens and gives no usable answer${because}` };
  return { path, message: `${server} is not running${because}` };
}
