/** A Deployment that has nothing to do with us. */
export function deployment(name: string): string {
  return `apiVersion: apps/v1
kind: Deployment
metadata:
  name: ${name}
  namespace: web
  labels:
    app.kubernetes.io/name: ${name}
spec:
  replicas: 3
  selector:
    matchLabels:
      app.kubernetes.io/name: ${name}
  template:
    metadata:
      labels:
        app.kubernetes.io/name: ${name}
    spec:
      containers:
        - name: main
          image: registry.example.com/${name}:1.2.3
          args: ["--listen", ":8080", "--verbose"]
          ports:
            - containerPort: 8080
              name: http
          resources:
            requests: { cpu: 100m, memory: 128Mi }
            limits: { memory: 256Mi }
          readinessProbe:
            httpGet: { path: /ready, port: http }
`;
}

export function service(name: string): string {
  return `apiVersion: v1
kind: Service
metadata:
  name: ${name}
  namespace: web
spec:
  selector:
    app.kubernetes.io/name: ${name}
  ports:
    - name: http
      port: 80
      targetPort: http
`;
}

/** A VM on a vhost-user network. @param isComplete without it, its memory is not in hugepages. */
export function virtualMachine(name: string, isComplete: boolean): string {
  return `apiVersion: kubevirt.io/v1
kind: VirtualMachine
metadata:
  name: ${name}
  namespace: nfv
spec:
  runStrategy: Always
  template:
    metadata:
      labels:
        app: ${name}
    spec:
${indent(specOf(isComplete), 6)}`;
}

export function virtualMachineInstance(name: string, isComplete: boolean): string {
  return `apiVersion: kubevirt.io/v1
kind: VirtualMachineInstance
metadata:
  name: ${name}
  namespace: nfv
spec:
${indent(specOf(isComplete), 2)}`;
}

function specOf(isComplete: boolean): string {
  return `# Pinned by hand: the node of this rack.
evictionStrategy: None
nodeSelector:
  network.operator.openshift.io/external-openvswitch: ""
domain:
  machine:
    type: q35
  cpu:
    sockets: 1
    cores: 4
    threads: 2
    dedicatedCpuPlacement: true
    numa:
      guestMappingPassthrough: {}
  memory:
    guest: 8Gi
${isComplete ? '    hugepages:\n      pageSize: 1Gi\n' : ''}  devices:
    disks:
      - name: root
        disk:
          bus: virtio
      - name: cloudinit
        disk:
          bus: virtio
    interfaces:
      - name: default
        masquerade: {}
      - name: dpdk0 # the data plane
        model: virtio
        macAddress: "02:00:00:00:00:01"
        binding:
          name: vhostuser
networks:
  - name: default
    pod: {}
  - name: dpdk0
    multus:
      networkName: userspace-ovs-net-1
volumes:
  - name: root
    containerDisk:
      image: quay.io/containerdisks/fedora:latest
  - name: cloudinit
    cloudInitNoCloud:
      userData: |
        #cloud-config
        password: fedora
        chpasswd: { expire: False }
`;
}

export function networkAttachmentDefinition(name: string): string {
  return `apiVersion: k8s.cni.cncf.io/v1
kind: NetworkAttachmentDefinition
metadata:
  name: ${name}
  namespace: nfv
spec:
  config: |
    {
      "cniVersion": "0.3.1",
      "type": "userspace",
      "name": "${name}",
      "kubeconfig": "/etc/cni/net.d/multus.d/multus.kubeconfig",
      "host": {
        "engine": "ovs-dpdk",
        "iftype": "vhostuser",
        "netType": "bridge",
        "vhost": { "mode": "client", "group": "hugetlbfs" },
        "bridge": { "bridgeName": "br-dpdk0" }
      },
      "container": {
        "engine": "ovs-dpdk",
        "iftype": "vhostuser",
        "netType": "interface",
        "vhost": { "mode": "server" }
      }
    }
`;
}

function indent(text: string, spaces: number): string {
  return text.replace(/^(?=.)/gm, ' '.repeat(spaces));
}
