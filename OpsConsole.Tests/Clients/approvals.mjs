// A client of /hubs/approvals as somebody would write it, driven over stdin and stdout: one JSON object per line.
//   in:  { "call": "List", "args": [] }     out: { "event": "connected" | "refused" | "requested" | "changed" | "answer" | "failed" | "closed", ... }
// Environment: OPS_URL, OPS_TOKEN (none: no credential), OPS_ORIGIN (sent as a browser's page would), OPS_TRANSPORT (websockets | sse | polling | direct).
import { createInterface } from 'node:readline';
import signalr from '@microsoft/signalr';

const { HubConnectionBuilder, HttpTransportType, LogLevel } = signalr;
const say = (event, more = {}) => process.stdout.write(JSON.stringify({ event, ...more }) + '\n');
const { OPS_URL, OPS_TOKEN, OPS_ORIGIN, OPS_TRANSPORT = 'websockets' } = process.env;
const transport = { websockets: HttpTransportType.WebSockets, direct: HttpTransportType.WebSockets, sse: HttpTransportType.ServerSentEvents, polling: HttpTransportType.LongPolling }[OPS_TRANSPORT];

const connection = new HubConnectionBuilder()
  .withUrl(OPS_URL + '/hubs/approvals', {
    transport,
    skipNegotiation: OPS_TRANSPORT === 'direct',
    accessTokenFactory: OPS_TOKEN ? () => OPS_TOKEN : undefined,
    headers: OPS_ORIGIN ? { Origin: OPS_ORIGIN } : {},
  })
  .configureLogging(LogLevel.None)
  .build();

connection.on('requested', request => say('requested', { request }));
connection.on('changed', (...args) => say('changed', { args }));
connection.onclose(error => {
  say('closed', { why: error?.message ?? null });
  process.exit(0);
});

try {
  await connection.start();
} catch (error) {
  say('refused', { why: error.message, status: error.statusCode ?? null });
  process.exit(0);
}
say('connected');

createInterface({ input: process.stdin })
  .on('line', async line => {
    const { call, args } = JSON.parse(line);
    try {
      say('answer', { call, value: await connection.invoke(call, ...args) });
    } catch (error) {
      say('failed', { call, why: error.message });
    }
  })
  .on('close', () => connection.stop());
