import type { AnyRule } from '../engine/rule.ts';
import { requireReadableObject } from './VHG100-require-readable-object.ts';
import { requireHugepages } from './VHG101-require-hugepages.ts';
import { requireValidPageSize } from './VHG102-require-valid-page-size.ts';
import { requireMemoryInPages } from './VHG103-require-memory-in-pages.ts';
import { requireDedicatedCpus } from './VHG104-require-dedicated-cpus.ts';
import { requireQ35 } from './VHG105-require-q35.ts';
import { requireSharedMemory } from './VHG106-require-shared-memory.ts';
import { requireVirtioModel } from './VHG107-require-virtio-model.ts';
import { requireMatchingBinding } from './VHG108-require-matching-binding.ts';
import { preferBindingPlugin } from './VHG109-prefer-binding-plugin.ts';
import { requireDpdkNode } from './VHG110-require-dpdk-node.ts';
import { forbidUnsafeMigration } from './VHG111-forbid-unsafe-migration.ts';
import { preferEvenCpus } from './VHG112-prefer-even-cpus.ts';
import { preferNumaPassthrough } from './VHG113-prefer-numa-passthrough.ts';
import { forbidDeprecatedApi } from './VHG114-forbid-deprecated-api.ts';
import { requireKnownNetwork } from './VHG120-require-known-network.ts';
import { forbidForeignNamespace } from './VHG121-forbid-foreign-namespace.ts';
import { requireRegisteredBinding } from './VHG122-require-registered-binding.ts';
import { requireFittingNode } from './VHG123-require-fitting-node.ts';
import { forbidStaleExemption } from './VHG190-forbid-stale-exemption.ts';
import { requireValidConfig } from './VHG201-require-valid-config.ts';
import { requireSupportedBackend } from './VHG202-require-supported-backend.ts';
import { requireClientMode } from './VHG203-require-client-mode.ts';
import { requireBridgeName } from './VHG204-require-bridge-name.ts';
import { requireKubeconfig } from './VHG205-require-kubeconfig.ts';
import { forbidIgnoredKeys } from './VHG206-forbid-ignored-keys.ts';
import { requireShortSocketPath } from './VHG207-require-short-socket-path.ts';
import { forbidCollidingSharedDir } from './VHG208-forbid-colliding-shared-dir.ts';
import { requireSocketGroup } from './VHG209-require-socket-group.ts';
import { requireValidIpam } from './VHG210-require-valid-ipam.ts';
import { requireSocketVolume } from './VHG301-require-socket-volume.ts';
import { requireSocketGroupMembership } from './VHG302-require-socket-group-membership.ts';
import { requireShortPodSocketPath } from './VHG303-require-short-pod-socket-path.ts';
import { forbidHostpathUnderPodSecurity } from './VHG304-forbid-hostpath-under-pod-security.ts';
import { requirePodDpdkNode } from './VHG305-require-pod-dpdk-node.ts';
import { requireConnectableSocket } from './VHG306-require-connectable-socket.ts';
import { requireHostHugepages } from './VHG501-require-host-hugepages.ts';
import { requireIommu } from './VHG502-require-iommu.ts';
import { requireVfioDriver } from './VHG503-require-vfio-driver.ts';
import { requireIsolatedPmdCpus } from './VHG504-require-isolated-pmd-cpus.ts';
import { requireReservedPmdCpus } from './VHG505-require-reserved-pmd-cpus.ts';
import { requireRunningOvs } from './VHG510-require-running-ovs.ts';
import { requireDpdk } from './VHG511-require-dpdk.ts';
import { requireValidPmdMask } from './VHG512-require-valid-pmd-mask.ts';
import { requirePolledQueues } from './VHG513-require-polled-queues.ts';
import { requireValidSocketMemory } from './VHG514-require-valid-socket-memory.ts';
import { requirePacketBuffers } from './VHG515-require-packet-buffers.ts';
import { requireNetdevBridge } from './VHG516-require-netdev-bridge.ts';
import { requireUsableMtu } from './VHG517-require-usable-mtu.ts';
import { requireOpenedPort } from './VHG518-require-opened-port.ts';
import { requireServerPath } from './VHG520-require-server-path.ts';
import { forbidSharedServerPath } from './VHG521-forbid-shared-server-path.ts';
import { requireLiveSocket } from './VHG522-require-live-socket.ts';
import { requireSocketAccess } from './VHG523-require-socket-access.ts';
import { requireStartedGuest } from './VHG524-require-started-guest.ts';
import { requireMovingPackets } from './VHG525-require-moving-packets.ts';
import { forbidServerPort } from './VHG526-forbid-server-port.ts';
import { requireSocketDirectory } from './VHG527-require-socket-directory.ts';

/** Every rule, in the order of evaluation. VHG100 comes last: it reports what the rules before it could not read. */
export const RULES: readonly AnyRule[] = [
  requireHugepages,
  requireValidPageSize,
  requireMemoryInPages,
  requireDedicatedCpus,
  requireQ35,
  requireSharedMemory,
  requireVirtioModel,
  requireMatchingBinding,
  preferBindingPlugin,
  requireDpdkNode,
  forbidUnsafeMigration,
  preferEvenCpus,
  preferNumaPassthrough,
  forbidDeprecatedApi,
  requireKnownNetwork,
  forbidForeignNamespace,
  requireRegisteredBinding,
  requireFittingNode,
  requireValidConfig,
  requireSupportedBackend,
  requireClientMode,
  requireBridgeName,
  requireKubeconfig,
  forbidIgnoredKeys,
  requireShortSocketPath,
  forbidCollidingSharedDir,
  requireSocketGroup,
  requireValidIpam,
  requireSocketVolume,
  requireSocketGroupMembership,
  requireShortPodSocketPath,
  forbidHostpathUnderPodSecurity,
  requirePodDpdkNode,
  requireConnectableSocket,
  requireHostHugepages,
  requireIommu,
  requireVfioDriver,
  requireIsolatedPmdCpus,
  requireReservedPmdCpus,
  requireRunningOvs,
  requireDpdk,
  requireValidPmdMask,
  requirePolledQueues,
  requireValidSocketMemory,
  requirePacketBuffers,
  requireNetdevBridge,
  requireUsableMtu,
  requireOpenedPort,
  requireServerPath,
  forbidSharedServerPath,
  requireLiveSocket,
  requireSocketAccess,
  requireStartedGuest,
  requireMovingPackets,
  forbidServerPort,
  requireSocketDirectory,
  forbidStaleExemption,
  requireReadableObject,
];
