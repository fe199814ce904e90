import { setTimeout as sleep } from 'node:timers/promises';
import { runMeasured } from '../check/run.ts';
import { pinSelf } from '../measure/pin.ts';
import { benchScript } from '../measure/places.ts';
import { cpuSeconds, memoryMiB } from '../measure/process-figures.ts';
import { startApiServer, until } from './api-server-process.ts';
import { startController } from './controller-process.ts';
const [vms='1000', nads='500']=process.argv.slice(2);
pinSelf('bench');
const server = await startApiServer({vms:Number(vms), nads:Number(nads)});
console.log('yardstick', await runMeasured([benchScript('cluster/list-and-parse'), server.kubeconfig]));
const c = await startController(server);
let t=c.startedMs, cpu=0;
const report = async (what:string)=>{
  const s=(performance.now()-t)/1000; const f=await server.figures(); const cp=cpuSeconds(c.pid);
  console.log(what, {s, cpu:cp-cpu, peak:memoryMiB(c.pid,'VmHWM'), rss:memoryMiB(c.pid,'VmRSS'), w:f.reportWrites, e:f.eventWrites, ev:await c.evaluations()});
  cpu=cp;
};
await until(()=>c.scans()>=1||undefined,'scan'); await report('first');
await sleep(5000); cpu=cpuSeconds(c.pid); await report('settled');
await c.rescan(); t=performance.now();
await until(()=>c.scans()>=2||undefined,'scan'); await report('second');
await sleep(5000); cpu=cpuSeconds(c.pid); await report('settled');
for (const nad of [0, 5]) {
  const before=await server.figures(); cpu=cpuSeconds(c.pid);
  const at=Date.now(); t=performance.now();
  await server.change(nad,'memif');
  let prev=-1, f=await server.figures();
  for(;;){ await sleep(3000); f=await server.figures(); if(f.reportWrites===prev) break; prev=f.reportWrites; }
  console.log('nad',nad,{writes:f.reportWrites-before.reportWrites, ms:f.lastReportMs-at, ev: f.eventWrites-before.eventWrites, cpu:cpuSeconds(c.pid)-cpu});
}
await report('end');
await c.stop(); await server.stop();
