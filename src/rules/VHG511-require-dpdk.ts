import { quote } from '../core/json.ts';
import type { Violation } from '../engine/finding.ts';
import { defineRule } from '../engine/rule.ts';
import { isUnread } from '../kube/host-fact.ts';
import type { OvsConfiguration } from '../kube/host-ovs.ts';
import { liveConfiguration } from './live-ovs.ts';

export const requireDpdk = defineRule({
  meta: {
    id: 'VHG511',
    name: 'require-dpdk',
    title: 'Require an OVS that is built with DPDK and has initialised it',
    why: `Without DPDK there is no \`dpdkvhostuserclient\` port: the database takes the port, and only its \`error\` says that the address family
is not supported. A build without DPDK runs on all the same, and on Debian the one with DPDK is not the default. \`ovs-vsctl\` takes any
value of \`dpdk-init\`, and all but \`true\` and \`try\` count as false; a DPDK that runs already goes on until OVS is restarted.`,
    remedy: `\`ovs-vsctl set Open_vSwitch . other_config:dpdk-init=true\`; where the build has no DPDK, install it (Debian:
\`update-alternatives --set ovs-vswitchd /usr/lib/openvswitch-switch-dpdk/ovs-vswitchd-dpdk\`) and restart.`,
    severity: 'error',
    targets: ['host'],
    needs: [],
    fix: 'none',
    since: '0.1.0',
    sources: [
      'https://docs.openvswitch.org/en/latest/intro/install/dpdk/',
      'https://www.openvswitch.org/support/dist-docs/ovs-vswitchd.conf.db.5.html',
    ],
    falsePositives: 'A host on which OVS serves no VM through vhost-user needs no DPDK.',
    example: {
      file: 'host-snapshot.yaml',
      good: '      isDpdkInitialized: true\n',
      bad: '      isDpdkInitialized: false\n',
    },
  },
  *check(host) {
    const configuration = liveConfiguration(host);
    if (isUnread(configuration)) return yield configuration;
    const { isDpdkInitialized, otherConfig, otherConfigField } = configuration.value;
    if (!isDpdkInitialized) return yield describe(configuration.value);
    const init = otherConfig.get('dpdk-init');
    if (isYes(init)) return;
    const message = `dpdk-init is ${describeInit(init)}, so OVS has no DPDK from its next start on: set it to "true"`;
    yield { path: otherConfigField.get('dpdk-init').path, message };
  },
});

/** OVS takes these two, in any letter case. */
function isYes(init: string | undefined): boolean {
  return /^(?:true|try)$/i.test(init ?? '');
}

function describeInit(init: string | undefined): string {
  return init === undefined ? 'not set' : quote(init);
}

function describe({ field, dpdkVersion, otherConfig, otherConfigField }: OvsConfiguration): Violation {
  if (dpdkVersion === 'none')
    return { path: field.get('dpdkVersion').path, message: 'this ovs-vswitchd is built without DPDK: install the one with' };
  const init = otherConfig.get('dpdk-init');
  if (isYes(init)) {
    const message = `DPDK is not initialised although dpdk-init is ${quote(init)}: look for EAL in ovs-vswitchd.log (no hugepages?)`;
    return { path: field.get('isDpdkInitialized').path, message };
  }
  const { path } = otherConfigField.get('dpdk-init');
  return { path, message: `dpdk-init is ${describeInit(init)}, so OVS runs without DPDK: set it to "true"` };
}
