// Starts the real server for the tests: the binary built from this tree, an
// empty data folder, a store, a token, and TLS under the name that the clients
// have built in.

import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import https from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** The host that the clients call, whatever they are told. */
const vendor = 'api.bigcommerce.com';

/**
 * Starts a server with a store of its own.
 * @param {string[]} flags more flags for `cartwright serve`
 */
export async function start(...flags) {
  const folder = mkdtempSync(join(tmpdir(), 'cartwright-clients-'));
  const binary = process.env.CARTWRIGHT_BINARY ?? build(folder);
  const data = join(folder, 'data');
  const store = 'clienttest';
  const run = (...args) => execFileSync(binary, [...args, '--data', data], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim();
  run('store', 'create', store, '--name', 'Client test');
  const token = run('token', 'create', '--store', store, '--scopes', 'all');

  const certificate = issue(folder);
  const server = spawn(
    binary,
    ['serve', '--data', data, '--listen', '127.0.0.1:0', '--tls-cert', certificate.cert, '--tls-key', certificate.key, ...flags],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let log = '';
  for (const stream of [server.stdout, server.stderr]) stream.on('data', (chunk) => (log += chunk));
  const exited = once(server, 'exit');

  let agent;
  const stop = async () => {
    agent?.destroy();
    server.kill('SIGTERM');
    await exited;
    rmSync(folder, { recursive: true });
  };
  try {
    agent = agentFor(await portOf(server, () => log), readFileSync(certificate.ca));
  } catch (error) {
    await stop();
    throw error;
  }
  return { store, token, agent, stop, log: () => log };
}

function build(folder) {
  const binary = join(folder, 'cartwright');
  execFileSync('go', ['build', '-o', binary, './cmd/cartwright'], { cwd: root, stdio: 'inherit' });
  return binary;
}

/** Issues a certificate for the vendor's name from an authority made for this run. */
function issue(folder) {
  const file = (name) => join(folder, name);
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
  const openssl = (...args) => execFileSync('openssl', ['req', '-x509', ...key, ...args], { stdio: 'pipe' });
  openssl('-keyout', file('ca.key'), '-out', file('ca.pem'), '-subj', '/CN=Throw-away authority',
    '-addext', 'keyUsage=critical,keyCertSign');
  openssl('-CA', file('ca.pem'), '-CAkey', file('ca.key'), '-keyout', file('tls.key'), '-out', file('tls.pem'),
    '-subj', `/CN=${vendor}`, '-addext', `subjectAltName=DNS:${vendor}`,
    '-addext', 'basicConstraints=critical,CA:FALSE');
  return { ca: file('ca.pem'), cert: file('tls.pem'), key: file('tls.key') };
}

/**
 * An agent that takes the vendor's host for our server. It checks the
 * certificate and its name as always, against the authority of this run alone.
 */
function agentFor(port, ca) {
  class Local extends https.Agent {
    createConnection(options, callback) {
      if (options.host !== vendor) throw new Error(`a client called ${options.host}`);
      return super.createConnection({ ...options, host: '127.0.0.1', port, servername: vendor }, callback);
    }
  }
  return new Local({ ca, keepAlive: true });
}

/** The port that a server took, once it says that it serves. */
async function portOf(server, log) {
  for (const end = Date.now() + 120_000; Date.now() < end; await pause(20)) {
    const said = log().match(/msg=serving .*listen=127\.0\.0\.1:(\d+)/);
    if (said) return Number(said[1]);
    if (server.exitCode !== null || server.signalCode !== null) throw new Error(`the server ended:\n${log()}`);
  }
  throw new Error(`the server does not say that it serves:\n${log()}`);
}
