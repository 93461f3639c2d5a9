// A receiver of webhooks as somebody would write it with npm standardwebhooks, driven over stdin and stdout: one JSON object per line.
//   in:  { "call": "secrets", "args": ["whsec_…"] }     out: { "event": "listening" | "answer" | "delivery", ... }
// /hook verifies; /slow never answers; /redirect leads to /hook; /broken answers 500; /gone 410.
import { createServer } from 'node:http';
import { createInterface } from 'node:readline';
import { Webhook } from 'standardwebhooks';

const say = (event, more = {}) => process.stdout.write(JSON.stringify({ event, ...more }) + '\n');
let secrets = [];

const server = createServer((request, response) => {
  let body = '';
  request.setEncoding('utf8').on('data', part => { body += part; }).on('end', () => {
    const verified = secrets.map(secret => {
      try {
        return new Webhook(secret).verify(body, request.headers) !== undefined;
      } catch {
        return false;
      }
    });
    say('delivery', { path: request.url, verified, headers: request.headers, body });
    if (request.url === '/slow') return;
    if (request.url === '/redirect') response.writeHead(302, { location: '/hook' });
    else if (request.url === '/broken') response.writeHead(500);
    else if (request.url === '/gone') response.writeHead(410);
    else response.writeHead(verified.includes(true) ? 204 : 400);
    response.end();
  });
});
server.listen(0, '127.0.0.1', () => say('listening', { port: server.address().port }));

createInterface({ input: process.stdin })
  .on('line', line => {
    const { call, args } = JSON.parse(line);
    secrets = args;
    say('answer', { call, value: secrets.length });
  })
  .on('close', () => process.exit(0));
