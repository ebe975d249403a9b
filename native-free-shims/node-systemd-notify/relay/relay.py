# Receives unix datagrams for a program that cannot. It does the same as relay.pl, which documents the lines on stdin
# and stdout, and needs only the standard library.
import os
import select
import signal
import socket

for name in ("HUP", "INT", "QUIT", "TERM", "PIPE", "USR1", "USR2", "ALRM"):
    signal.signal(getattr(signal, f"SIG{name}"), signal.SIG_IGN)

sockets = {}


def write_line(text):
    rest = text.encode("utf8", "replace") + b"\n"
    try:
        while rest:
            rest = rest[os.write(1, rest):]
    except OSError:
        finish()


def run_command(line):
    verb, number, *more = line.split(" ")
    if verb == "open":
        bind(number, bytes.fromhex(more[0]))
    else:
        close_socket(number)


def bind(number, path):
    # A relay that was killed has left it; nothing else uses the name.
    remove(path)
    try:
        new = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        new.bind(path)
    except OSError as error:
        write_line(f"refused {number} {error.strerror or error}")
        return
    sockets[number] = new, path
    write_line(f"bound {number}")


def close_socket(number):
    if number in sockets:
        bound, path = sockets.pop(number)
        bound.close()
        remove(path)


def remove(path):
    try:
        os.unlink(path)
    except OSError:
        pass


def finish():
    for number in list(sockets):
        close_socket(number)
    os._exit(0)


def main():
    os.closerange(3, 1024)
    commands = b""
    while True:
        # Not select(), which takes only descriptors below 1024.
        poll = select.poll()
        for descriptor in (0, *(bound for bound, _ in sockets.values())):
            poll.register(descriptor, select.POLLIN)
        ready = {fd for fd, _ in poll.poll()}
        for number, (bound, _) in sockets.items():
            if bound.fileno() not in ready:
                continue
            try:
                # Without room for descriptors, the kernel closes those that were sent, for which BARRIER=1 waits.
                write_line(f"data {number} {bound.recv(65536, socket.MSG_DONTWAIT).hex()}")
            except OSError:
                continue
        if 0 not in ready:
            continue
        chunk = os.read(0, 65536)
        if not chunk:
            finish()
        *lines, commands = (commands + chunk).split(b"\n")
        for line in lines:
            run_command(line.decode("ascii"))


main()
