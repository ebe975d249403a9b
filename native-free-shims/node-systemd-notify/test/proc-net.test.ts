// Rows of /proc/net, recorded ones and very many. Those of open sockets are in the tests of listenFds().
import assert from 'node:assert/strict';
import { endianness } from 'node:os';
import { test } from 'node:test';
import { parseTcp, parseUnix, TCP_STATE, UNIX_STATE } from '../src/proc-net.js';

const TCP = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1F90 00000000:0000 0A 00000000:00000003 00:00000000 00000000  1000        0 1609 1 0000000021e5784a 100 0 0 10 0
  10: 0200000A:0050 0300000A:D431 01 0000001A:000000FF 02:000A70E9 00000000 4294967294   12 4294967295 2 0000000000000000 20 4 30 10 -1
12345: 00000000:FFFF 0300000A:D431 06 00000000:00000000 03:000004D2 00000000     0        0 0 3 0000000000000000
`;
const TCP6 = `  sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 00000000000000000000000000000000:1F90 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 11 1 0 100 0 0 10 0
   1: 00000000000000000000000001000000:1F90 00000000000000000000000001000000:C001 08 00000000:00000001 00:00000000 00000000     0        0 12 1 0 100 0 0 10 0
   2: 0000000000000000FFFF00000100007F:1F90 0000000000000000FFFF00000100007F:C002 01 00000000:00000000 00:00000000 00000000     0        0 13 1 0 100 0 0 10 0
   3: B80D0120000000000000000001000000:01BB 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 14 1 0 100 0 0 10 0
`;
const UNIX = `Num       RefCount Protocol Flags    Type St Inode Path
00000000c25e9559: 00000002 00000000 00010000 0001 01  6997 /run/app.sock
000000002ae771d9: 00000003 00000000 00000000 0001 02     0 /run/app.sock
000000007c86739b: 00000003 00000000 00000000 0005 03 4294967295 @abstract: ä\rname
0000000000000000: 00000003 00000000 00000000 0002 01    12
`;

const swapped = endianness() !== 'LE' && 'these rows were written by a little-endian machine';

test('rows of IPv4 are parsed', { skip: swapped }, () => {
  assert.deepEqual(parseTcp(TCP), [
    { host: '127.0.0.1', port: 8080, state: TCP_STATE.listen, rxQueue: 3, inode: 1609 },
    { host: '10.0.0.2', port: 80, state: TCP_STATE.established, rxQueue: 255, inode: 4294967295 },
    { host: '0.0.0.0', port: 65535, state: 6, rxQueue: 0, inode: 0 },
  ]);
});

test('rows of IPv6 and of IPv4 on IPv6 sockets are parsed', { skip: swapped }, () => {
  const rows = parseTcp(TCP6).map(({ host, port, state, inode }) => [host, port, state, inode]);
  assert.deepEqual(rows, [
    ['::', 8080, TCP_STATE.listen, 11],
    ['::1', 8080, TCP_STATE.closeWait, 12],
    ['127.0.0.1', 8080, TCP_STATE.established, 13],
    ['2001:db8::1', 443, TCP_STATE.listen, 14],
  ]);
});

test('rows of unix sockets are parsed', () => {
  const rows = parseUnix(UNIX).map((row) => {
    const { path, type, state, listening, inode } = row;
    return [path, type, state, listening, inode];
  });
  assert.deepEqual(rows, [
    ['/run/app.sock', 1, UNIX_STATE.unconnected, true, 6997],
    ['/run/app.sock', 1, UNIX_STATE.connecting, false, 0],
    ['@abstract: ä\rname', 5, UNIX_STATE.connected, false, 4294967295],
    ['', 2, UNIX_STATE.unconnected, false, 12],
  ]);
});

test('a line that is not a row is skipped', () => {
  const texts = ['', '\n\n', 'sl local_address\n', '0: 01', '   0: 0100007F\n', ':', 'a:b:c\n::\n'];
  for (const text of texts) {
    assert.deepEqual(parseTcp(text), [], text);
    assert.deepEqual(parseUnix(text), [], text);
  }
});

test('20,000 rows are parsed in a time that grows with their number, not with its square', () => {
  const line = (text: string, at: number) => `${text.split('\n')[at]}\n`;
  const tcp = `${line(TCP6, 0)}${line(TCP6, 2).repeat(20_000)}`;
  const unix = `${line(UNIX, 0)}${line(UNIX, 1).repeat(20_000)}`;
  // Processor time, on which the load of the machine has little influence. About 15 ms each.
  const before = process.cpuUsage();
  assert.equal(parseTcp(tcp).length, 20_000);
  assert.equal(parseUnix(unix).length, 20_000);
  const { user } = process.cpuUsage(before);
  assert.ok(user < 1_000_000, `took ${user} µs`);
});
