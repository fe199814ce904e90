import { Connection, type HttpAnswer } from './connection.ts';
import type { RunningServer } from './server.ts';

/** As many as an API server keeps open to one webhook lies at 25; 16 saturate one core. */
const CONNECTIONS = 16;

/** What a closed loop came to. */
export interface LoopResult {
  readonly answers: number;
  readonly seconds: number;
}

/** Sends requests over 16 connections, each as soon as its connection has the answer to the last one. */
export class ClosedLoop {
  readonly #connections: readonly Connection[];

  private constructor(connections: readonly Connection[]) {
    this.#connections = connections;
  }

  static async open(server: RunningServer): Promise<ClosedLoop> {
    return new ClosedLoop(await openAll(server));
  }

  /** @param isEnough asked before each request with the number of answers so far. */
  async run(requests: readonly Buffer[], isEnough: (answers: number) => boolean): Promise<LoopResult> {
    let answers = 0;
    const start = performance.now();
    const drive = async (connection: Connection): Promise<void> => {
      while (!isEnough(answers)) {
        const answer = await connection.send(requests[answers % requests.length] as Buffer);
        requireOk(answer);
        answers += 1;
      }
    };
    const stayAwake = keepAwake();
    await Promise.all(this.#connections.map(drive));
    stayAwake.end();
    return { answers, seconds: (performance.now() - start) / 1000 };
  }

  runFor(requests: readonly Buffer[], seconds: number): Promise<LoopResult> {
    const end = performance.now() + seconds * 1000;
    return this.run(requests, () => performance.now() >= end);
  }

  close(): void {
    for (const connection of this.#connections) connection.close();
  }
}

/** Has a server answer so much that its code is compiled as it will stay. */
export async function warmUp(server: RunningServer, requests: readonly Buffer[], answers: number): Promise<void> {
  const loop = await ClosedLoop.open(server);
  await loop.run(requests, (answered) => answered >= answers);
  loop.close();
}

/**
 * Sends `perSecond` requests a second whether answers come or not. @returns the latencies in milliseconds, each counted from when
 * the request was due, so that a stall of the server shows in all the requests that it held up.
 */
export async function runPaced(server: RunningServer, requests: readonly Buffer[], perSecond: number, seconds: number): Promise<number[]> {
  const idle = await openAll(server);
  const latencies: number[] = [];
  const pending: Promise<void>[] = [];
  const start = performance.now();
  for (let sent = 0; sent < perSecond * seconds; sent += 1) {
    const due = start + (sent * 1000) / perSecond;
    while (performance.now() < due || idle.length === 0) await nextTurn();
    // In turns: a server closes a connection that has sent nothing for a few seconds.
    const connection = idle.shift() as Connection;
    const answered = connection.send(requests[sent % requests.length] as Buffer).then((answer) => {
      latencies.push(performance.now() - due);
      requireOk(answer);
      idle.push(connection);
    });
    pending.push(answered);
  }
  await Promise.all(pending);
  for (const connection of idle) connection.close();
  return latencies;
}

/** Keeps this process from sleeping: on a virtual machine waking a sleeping core costs the server that answers as much as the answer. */
function keepAwake(): { end(): void } {
  let isAwake = true;
  const turn = (): void => {
    if (isAwake) setImmediate(turn);
  };
  turn();
  return {
    end: () => {
      isAwake = false;
    },
  };
}

/** Timers are too coarse: they fire up to a millisecond late, which is as long as an answer takes. */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function openAll(server: RunningServer): Promise<Connection[]> {
  return Promise.all(Array.from({ length: CONNECTIONS }, () => Connection.open(server)));
}

function requireOk({ status, body }: HttpAnswer): void {
  if (status !== 200) throw new Error(`the server answered ${status}: ${body}`);
}
