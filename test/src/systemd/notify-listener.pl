# Listens where systemd would (sd_notify(3)), for Node has no Unix datagrams.
# One line for each: newlines inside are written as \n. Perl is on every Debian.
use strict;
use warnings;
use Socket;
my $path = $ARGV[0];
$path =~ s/^@/\0/;
socket(my $socket, AF_UNIX, SOCK_DGRAM, 0) or die "socket: $!";
bind($socket, pack_sockaddr_un($path)) or die "bind: $!";
$| = 1;
print "listens\n";
while (defined recv($socket, my $message, 65536, 0)) {
  $message =~ s/\n/\\n/g;
  print "$message\n";
}
