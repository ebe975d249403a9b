# Becomes the worker. Sets LISTEN_PID to its own pid, which only the process itself can know, then execs the command:
# pid, process group and descriptors stay as the master made them.
# $1: pid of the master. If it is not our parent any more, it has died: exit.
# $2: signals to ignore, separated by spaces; an ignored signal stays ignored across exec.
# "$@" from $3 on: the command.
[ "$PPID" = "$1" ] || exit 0
for signal in $2; do trap '' "$signal"; done
shift 2
LISTEN_PID=$$
export LISTEN_PID
exec "$@"
