// The check of a directory for private sockets, shared with node-systemd-notify.
export { isPrivateDirectory } from 'node-systemd-notify/linux';
