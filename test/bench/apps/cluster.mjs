// Reloads with what Node has itself: `cluster` in its default round robin, put together with care from its
// documentation. SIGUSR2 starts new workers, waits until each listens, and only then disconnects the old ones.
import cluster from 'node:cluster';

// From the documentation's own example: "worker.disconnect(); setTimeout(() => worker.kill(), 2000)". Without it
// a connection that is never idle keeps the old worker for ever.
const LIMIT_MS = 2000;

if (cluster.isPrimary) {
  let reloading = false;
  const wanted = Number(process.env.WORKERS ?? 1);
  for (let i = 0; i < wanted; i += 1) start();

  process.on('SIGUSR2', async () => {
    if (reloading) return;
    reloading = true;
    const old = Object.values(cluster.workers);
    const fresh = old.map(() => cluster.fork());
    try {
      await Promise.all(fresh.map(listening));
      for (const worker of fresh) keepUp(worker);
      for (const worker of old) retire(worker);
    } catch (error) {
      console.error(`reload failed: ${error.message}`);
      for (const worker of fresh) worker.process.kill();
    }
    reloading = false;
  });
} else {
  await import('./app.mjs');
}

function start() {
  keepUp(cluster.fork());
}

/** Another one in its place when it dies without having been told to. */
function keepUp(worker) {
  worker.once('exit', () => {
    if (!worker.exitedAfterDisconnect) start();
  });
}

function listening(worker) {
  return new Promise((resolve, reject) => {
    worker.once('listening', resolve);
    worker.once('exit', (code) => reject(new Error(`a new worker left with ${code}`)));
  });
}

function retire(worker) {
  const timer = setTimeout(() => worker.process.kill('SIGKILL'), LIMIT_MS);
  worker.once('exit', () => clearTimeout(timer));
  worker.disconnect();
}
