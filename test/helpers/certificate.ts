// A certificate for one test, signed by nobody.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { scratch } from './supervisor.js';

/** Path of `<path>.key` and `<path>.crt`. */
export function createCertificate(t: TestContext): string {
  const path = join(scratch(t), 'test');
  const how =
    '-x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 1 -subj /CN=test';
  const files = ['-keyout', `${path}.key`, '-out', `${path}.crt`];
  execFileSync('openssl', ['req', ...how.split(' '), ...files], { stdio: 'ignore' });
  return path;
}
