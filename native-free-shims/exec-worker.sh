# Becomes the worker. Sets LISTEN_PID to its own pid, which only the process itself can know, then
# execs the command, so that pid, process group and descriptors stay those that the master made.
# $1: pid of the master. If it is not our parent any more, it died before we got here: leave.
# $2: signals to ignore, separated by spaces; what is ignored stays so across exec.
# "$@" from $3 on: the command.
[ "$PPID" = "$1" ] || exit 0
for signal in $2; do trap '' "$signal"; done
shift 2
LISTEN_PID=$$
export LISTEN_PID
exec "$@"
