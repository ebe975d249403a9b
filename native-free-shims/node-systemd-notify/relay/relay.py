# Receives unix datagrams for a program that cannot. The twin of relay.pl, which says what the lines on
# stdin and stdout mean; needs nothing beyond the standard library.
import os
import select
import signal
import socket
import stat
import sys

for name in ("HUP", "INT", "QUIT", "TERM", "PIPE", "USR1", "USR2", "ALRM"):
    signal.signal(getattr(signal, f"SIG{name}"), signal.SIG_IGN)

sockets = {}
paths = {}


def tell_line(text):
    rest = text.encode("utf8", "replace") + b"\n"
    try:
        while rest:
            rest = rest[os.write(1, rest):]
    except OSError:
        leave()


def obey(line):
    verb, number, *more = line.split(" ")
    if verb == "close":
        drop(number)
    elif verb == "open":
        bind(number, bytes.fromhex(more[0]))


def bind(number, path):
    try:
        # Of a relay that was killed; the name is nobody else's.
        if os.path.lexists(path) and stat.S_ISSOCK(os.lstat(path).st_mode):
            os.unlink(path)
        new = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        new.bind(path)
    except OSError as error:
        tell_line(f"refused {number} {error.strerror or error}")
        return
    sockets[number] = new
    paths[number] = path
    tell_line(f"bound {number}")


def drop(number):
    if number not in sockets:
        return
    sockets.pop(number).close()
    try:
        os.unlink(paths.pop(number))
    except OSError:
        pass


def leave():
    for number in list(sockets):
        drop(number)
    os._exit(0)


def main():
    os.closerange(3, 1024)
    tell_line("hello")
    commands = b""
    while True:
        # Not select(), which knows descriptors below 1024 only.
        poll = select.poll()
        for one in (0, *sockets.values()):
            poll.register(one, select.POLLIN)
        ready = {fd for fd, _ in poll.poll()}
        for number, one in list(sockets.items()):
            if one.fileno() not in ready:
                continue
            try:
                # Without room for descriptors: the kernel closes those that came, for which BARRIER=1 waits.
                datagram = one.recv(65536, socket.MSG_DONTWAIT)
            except OSError:
                continue
            tell_line(f"data {number} {datagram.hex()}")
        if 0 not in ready:
            continue
        chunk = os.read(0, 65536)
        if not chunk:
            leave()
        *lines, commands = (commands + chunk).split(b"\n")
        for line in lines:
            obey(line.decode("ascii"))


main()
