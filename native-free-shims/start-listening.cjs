'use strict';
// Makes the inherited sockets listen, and leaves before it could accept: programs other than Node expect
// a socket that listens already, as systemd gives it. Arguments: `descriptor:backlog` each.
// Listening is synchronous in `listen({fd})`; accepting begins with the next turn of the loop, which
// never comes.
const net = require('node:net');

let status = 0;
for (const argument of process.argv.slice(2)) {
  const [fd, backlog] = argument.split(':').map(Number);
  const server = net.createServer().listen({ fd }, backlog);
  if (!server.listening) status = 1;
}
process.reallyExit(status);
