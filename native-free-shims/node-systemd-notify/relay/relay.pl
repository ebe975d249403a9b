# Receives unix datagrams for a program that cannot. Needs nothing beyond perl-base of Debian.
#
# On stdin, a line each:     open <id> <path in hex> | close <id>
# On stdout:                 hello | bound <id> | refused <id> <why> | data <id> <datagram in hex>
#
# Whoever started it wants it as long as stdin is open: it leaves, and removes its paths, when stdin ends,
# however that came about, and heeds no signal that is meant for a whole process group.
#
# No module but strict, and constants of Linux by their value: Socket, warnings and Errno would treble
# the memory of a process that stands beside each master. On MIPS, where they have others, python does it.
use strict;
BEGIN { $^W = 1 }

my ($AF_UNIX, $SOCK_DGRAM, $MSG_DONTWAIT, $EINTR) = (1, 2, 0x40, 4);

$SIG{$_} = 'IGNORE' for qw(HUP INT QUIT TERM PIPE USR1 USR2 ALRM);

my %socket;
my %path;
my $commands = '';

close_inherited();
tell_line('hello');
while (1) {
    my $wanted = '';
    vec($wanted, 0, 1) = 1;
    vec($wanted, fileno $_, 1) = 1 for values %socket;
    my $found = select(my $ready = $wanted, undef, undef, undef);
    next if $found < 1;
    for my $id (keys %socket) {
        next unless vec($ready, fileno $socket{$id}, 1);
        # Without room for descriptors: the kernel closes those that came, for which BARRIER=1 waits.
        my $sender = recv $socket{$id}, my $datagram, 65536, $MSG_DONTWAIT;
        tell_line("data $id " . unpack 'H*', $datagram) if defined $sender;
    }
    next unless vec($ready, 0, 1);
    my $count = sysread STDIN, $commands, 65536, length $commands;
    next if !defined $count && $! == $EINTR;
    leave() unless $count;
    obey($1) while $commands =~ s/^([^\n]*)\n//;
}

sub obey {
    my ($verb, $id, $hex) = split / /, $_[0];
    return drop($id) if $verb eq 'close';
    return unless $verb eq 'open';
    my $name = pack 'H*', $hex;
    # Of a relay that was killed; the name is nobody else's.
    unlink $name if -S $name;
    my $new;
    if (socket($new, $AF_UNIX, $SOCK_DGRAM, 0) && bind $new, pack 'S a*', $AF_UNIX, $name) {
        $socket{$id} = $new;
        $path{$id} = $name;
        tell_line("bound $id");
    } else {
        tell_line("refused $id $!");
    }
}

sub drop {
    my ($id) = @_;
    my $name = delete $path{$id};
    delete $socket{$id};
    unlink $name if defined $name;
}

sub leave {
    drop($_) for keys %socket;
    exit 0;
}

sub tell_line {
    my $rest = "$_[0]\n";
    while (length $rest) {
        my $count = syswrite STDOUT, $rest;
        next if !defined $count && $! == $EINTR;
        leave() unless defined $count;
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
