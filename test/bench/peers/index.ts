// All contestants, in the order of the tables.
import type { Peer } from './peer.js';

export const PEERS: readonly Peer[] = [];
