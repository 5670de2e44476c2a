import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Plugin } from 'vite';
import { WebSocketServer } from 'ws';
import { handle, sockets } from './server';

type Next = (error?: unknown) => void;

/** A made-up server inside Vite, for looking at pages without the real one (OKNO_API unset). */
export function fakeServer(): Plugin {
  const middleware = (req: IncomingMessage, res: ServerResponse, next: Next) => {
    if (!req.url?.startsWith('/api/v1/')) return next();
    handle(req, res).catch(next);
  };
  return {
    name: 'okno-fake-server',
    configureServer(server) {
      server.middlewares.use(middleware);
      if (server.httpServer) serveSocket(server.httpServer as never);
    },
    configurePreviewServer(server) {
      server.middlewares.use(middleware);
      serveSocket(server.httpServer as never);
    },
  };
}

interface Command {
  id?: number;
  connect?: object;
}

/** Just enough of centrifuge's JSON protocol: connect with a server-side subscription, pings, publications. */
function serveSocket(http: {
  on(event: 'upgrade', f: (req: IncomingMessage, socket: never, head: Buffer) => void): void;
}): void {
  const wss = new WebSocketServer({ noServer: true });
  http.on('upgrade', (req, socket, head) => {
    if (!req.url?.startsWith('/api/v1/socket')) return;
    wss.handleUpgrade(req, socket, head, (ws) => {
      const send = (data: unknown) => ws.send(JSON.stringify({ push: { channel: 'me', pub: { data } } }));
      const ping = setInterval(() => ws.send('{}'), 20_000);
      ws.on('message', (raw) => {
        for (const line of String(raw).split('\n')) {
          const command = JSON.parse(line || '{}') as Command;
          if (!command.connect) continue;
          ws.send(
            JSON.stringify({
              id: command.id,
              connect: { client: 'fake', version: '1', subs: { me: {} }, ping: 25, pong: true },
            }),
          );
          sockets.add(send);
        }
      });
      ws.on('close', () => {
        clearInterval(ping);
        sockets.delete(send);
      });
    });
  });
}
