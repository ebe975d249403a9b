// What the app does, shared by all its shapes. The release is read once, as code is: while the process boots.
import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

const { RELEASE_FILE, BOOT_MS = '0', HANDLER_MS = '0' } = process.env;
const { generation, broken } = JSON.parse(readFileSync(RELEASE_FILE, 'utf8'));
if (broken) throw new Error(`release ${generation} is broken`);
if (BOOT_MS !== '0') await pause(Number(BOOT_MS));

const headers = { 'x-generation': String(generation), 'x-pid': String(process.pid) };
const wait = Number(HANDLER_MS);

export function handler({ url }, response) {
  if (wait > 0) setTimeout(answer, wait, url, response);
  else answer(url, response);
}

function answer(url, response) {
  response.writeHead(200, { ...headers, 'content-length': url.length });
  response.end(url);
}
