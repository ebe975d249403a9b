# Becomes the worker. Sets LISTEN_PID to its own pid, which only the process itself can know, then
# execs the command, so that pid, process group and descriptors stay those that the master made.
# $1: pid of the master. If it is not our parent any more, it died before we got here: leave.
# "$@" from $2 on: the command.
[ "$PPID" = "$1" ] || exit 0
shift
LISTEN_PID=$$
export LISTEN_PID
exec "$@"
