// Asks an idle server again and again, each time on a new connection, until it answers as wanted.
import { setTimeout as pause } from 'node:timers/promises';
import { Connection, type Endpoint, LoadFailure } from '../../helpers/load/connection.js';
import { makeRequest } from '../../helpers/load/requests.js';
import type { Answer } from '../../helpers/load/response.js';

const REQUEST_LIMIT_MS = 5000;
/** Milliseconds. To ask all the time would be load, and the server not idle. */
const LONGEST_PAUSE_MS = 7;

/** When that answer was there, by performance.now(); null when none came within the limit. */
export async function firstAnswer(
  endpoint: Endpoint,
  wants: (answer: Answer) => boolean,
  limitMs: number,
): Promise<number | null> {
  const end = performance.now() + limitMs;
  while (performance.now() < end) {
    const answer = await ask(endpoint);
    if (answer?.problem === null && wants(answer)) return performance.now();
    await untilNextProbe();
  }
  return null;
}

/** Of no fixed length: what is measured is late by half of it on average, whatever its own rhythm. */
export function untilNextProbe(): Promise<void> {
  return pause(1 + Math.floor(Math.random() * LONGEST_PAUSE_MS));
}

async function ask(endpoint: Endpoint): Promise<Answer | null> {
  const connection = new Connection(endpoint, REQUEST_LIMIT_MS);
  try {
    return await connection.exchange(makeRequest('fast', 1, false));
  } catch (error) {
    if (error instanceof LoadFailure) return null;
    throw error;
  } finally {
    connection.close();
  }
}
