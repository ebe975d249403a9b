// The app that is saved again and again: what a save changes is four imports away from here.
import { createServer } from 'node:http';
import { route } from './routes/route.mjs';

createServer(route).listen(Number(process.env.PORT), '127.0.0.1');
