// The inode of a socket descriptor, shared with node-systemd-notify.
export { socketInode } from 'node-systemd-notify/linux';
