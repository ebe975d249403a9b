'use strict';
// Makes inherited sockets listen, and exits before it could accept: programs other than Node expect a socket that
// listens already, as systemd passes it. Arguments: `descriptor:backlog` each. `listen({fd})` listens synchronously;
// accepting would begin with the next turn of the loop, which never comes.
const net = require('node:net');

let status = 0;
for (const argument of process.argv.slice(2)) {
  const [fd, backlog] = argument.split(':').map(Number);
  const server = net.createServer().listen({ fd }, backlog);
  if (!server.listening) status = 1;
}
process.reallyExit(status);
