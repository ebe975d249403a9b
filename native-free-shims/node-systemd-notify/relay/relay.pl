# Receives unix datagrams for a program that cannot. It needs only perl-base of Debian.
#
# Lines on stdin:            open <id> <path in hex> | close <id>
# Lines on stdout:           bound <id> | refused <id> <why> | data <id> <datagram in hex>
#
# It runs as long as stdin is open. When stdin ends, for whatever reason, it removes its paths and exits. It ignores
# signals, which may be sent to the whole process group.
#
# It uses no module but strict, and the values of Linux constants: Socket, warnings and Errno would treble the memory
# of a process that runs beside each master. On MIPS the values differ, and relay.py is used.
use strict;
BEGIN { $^W = 1 }

my ($AF_UNIX, $SOCK_DGRAM, $MSG_DONTWAIT, $EINTR) = (1, 2, 0x40, 4);

$SIG{$_} = 'IGNORE' for qw(HUP INT QUIT TERM PIPE USR1 USR2 ALRM);

my %socket;
my %path;
my $commands = '';

close_inherited();
while (1) {
    my $wanted = '';
    vec($wanted, 0, 1) = 1;
    vec($wanted, fileno $_, 1) = 1 for values %socket;
    my $found = select(my $ready = $wanted, undef, undef, undef);
    next if $found < 1;
    for my $id (keys %socket) {
        next unless vec($ready, fileno $socket{$id}, 1);
        # Without room for descriptors, the kernel closes those that were sent, for which BARRIER=1 waits.
        my $sender = recv $socket{$id}, my $datagram, 65536, $MSG_DONTWAIT;
        write_line("data $id " . unpack 'H*', $datagram) if defined $sender;
    }
    next unless vec($ready, 0, 1);
    my $count = sysread STDIN, $commands, 65536, length $commands;
    next if !defined $count && $! == $EINTR;
    finish() unless $count;
    run_command($1) while $commands =~ s/^([^\n]*)\n//;
}

sub run_command {
    my ($verb, $id, $hex) = split / /, $_[0];
    return close_socket($id) if $verb eq 'close';
    return unless $verb eq 'open';
    my $name = pack 'H*', $hex;
    # A relay that was killed has left it; nothing else uses the name.
    unlink $name;
    my $new;
    if (socket($new, $AF_UNIX, $SOCK_DGRAM, 0) && bind $new, pack 'S a*', $AF_UNIX, $name) {
        $socket{$id} = $new;
        $path{$id} = $name;
        write_line("bound $id");
    } else {
        write_line("refused $id $!");
    }
}

sub close_socket {
    my ($id) = @_;
    my $name = delete $path{$id};
    delete $socket{$id};
    unlink $name if defined $name;
}

sub finish {
    close_socket($_) for keys %socket;
    exit 0;
}

sub write_line {
    my $rest = "$_[0]\n";
    while (length $rest) {
        my $count = syswrite STDOUT, $rest;
        next if !defined $count && $! == $EINTR;
        finish() unless defined $count;
        $rest = substr $rest, $count;
    }
}

sub close_inherited {
    opendir my $list, '/proc/self/fd' or return;
    my @fds = grep { /^\d+$/ && $_ > 2 } readdir $list;
    closedir $list;
    for my $fd (@fds) {
        open my $handle, '<&=', $fd or next;
        close $handle;
    }
}
