import { describe, expect, test } from 'vitest';
import { KeptConversation } from '../../src/host/json-rpc.ts';
import { answer, serveOvs } from '../support/ovs-server.ts';

const LONG_MS = 10_000;

describe('a conversation that is kept', () => {
  test('is one connection for all questions', async () => {
    let connections = 0;
    const path = await serveOvs(
      (socket, { id, method }) => answer(socket, id, method),
      () => {
        connections += 1;
      },
    );
    const kept = new KeptConversation();
    expect(await kept.talk(path, LONG_MS, (server) => server.call('first', []))).toBe('first');
    expect(await kept.talk(path, LONG_MS, (server) => server.call('second', []))).toBe('second');
    expect({ connections, counted: kept.connections, isOpen: kept.isOpen }).toEqual({ connections: 1, counted: 1, isOpen: true });
    kept.close();
    expect(kept.isOpen).toBe(false);
  });

  test('begins anew after the server has ended it', async () => {
    const path = await serveOvs((socket, { id, method }) => {
      if (method === 'leave') socket.destroy();
      else answer(socket, id, method);
    });
    const kept = new KeptConversation();
    await expect(kept.talk(path, LONG_MS, (server) => server.call('leave', []))).rejects.toThrow('closed the connection');
    expect(await kept.talk(path, LONG_MS, (server) => server.call('again', []))).toBe('again');
    expect(kept.connections).toBe(2);
    kept.close();
  });

  test('begins anew after a question that was not answered in time, so that a late answer is nobody’s', async () => {
    const path = await serveOvs((socket, { id, method }) => {
      if (method !== 'silence') answer(socket, id, method);
    });
    const kept = new KeptConversation();
    await expect(kept.talk(path, 50, (server) => server.call('silence', []))).rejects.toThrow('not answered within 0.05 s');
    expect(await kept.talk(path, LONG_MS, (server) => server.call('again', []))).toBe('again');
    kept.close();
  });

  test('that is closed ends the question that is being asked', async () => {
    const path = await serveOvs(() => undefined);
    const kept = new KeptConversation();
    const asked = kept.talk(path, LONG_MS, (server) => server.call('anything', []));
    kept.close();
    await expect(asked).rejects.toThrow('the conversation is over');
  });
});
