// What every answer says of the process that gives it.
import { generation } from './release.mjs';

export const headers = { 'x-generation': String(generation), 'x-pid': String(process.pid) };
