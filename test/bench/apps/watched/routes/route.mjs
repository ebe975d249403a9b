// Every request goes to the one answer that there is.
import { echo } from '../answers/echo.mjs';
import { pause } from '../lib/pause.mjs';

const { BOOT_MS = '0', HANDLER_MS = '0' } = process.env;
await pause(Number(BOOT_MS));
const wait = Number(HANDLER_MS);

export function route({ url }, response) {
  if (wait > 0) setTimeout(echo, wait, url, response);
  else echo(url, response);
}
