# A mail program's work by Mail::IMAPClient. The first argument names the part; a failed check dies with its line.
use strict;
use warnings;
use Mail::IMAPClient;
use IO::Socket::SSL;

my %part = (
    login     => \&login,
    mailboxes => \&mailboxes,
    messages  => \&messages,
    structure => \&structure,
    idle      => \&idle,
);
$part{ $ARGV[0] }->();

sub check {
    my ( $holds, $what ) = @_;
    return if $holds;
    my ( undef, undef, $line ) = caller;
    die "line $line: $what\n";
}

# Two lists or values must be equal.
sub same {
    my ( $actual, $expected, $what ) = @_;
    my ( undef, undef, $line ) = caller;
    my ( $a, $b ) = map { ref $_ ? join( '|', @$_ ) : $_ // 'undef' } $actual, $expected;
    die "line $line: $what: got [$a], want [$b]\n" if $a ne $b;
}

sub client {
    my $client = Mail::IMAPClient->new(
        Server   => $ENV{HOST},
        Port     => $ENV{PORT},
        User     => $ENV{ADDRESS},
        Password => $ENV{PASSWORD},
        Uid      => 1,
        Peek     => 1,
        Timeout  => 15,
        @_,
    ) or die "connect: $@\n";
    return $client;
}

sub mail {
    my ( $subject, $body ) = @_;
    return join "\r\n", 'From: Alice <alice@example.org>', 'To: bob@example.net, "Bee, Carl" <carl@example.com>',
      "Subject: $subject", 'Date: Mon, 07 Feb 2022 21:52:25 -0800', "Message-ID: <$subject\@example.org>",
      'Content-Type: text/plain; charset=us-ascii', '', $body // "Hello.\r\n";
}

sub login {
    for my $mechanism (qw(CRAM-MD5 PLAIN LOGIN)) {
        my $client = client( $mechanism eq 'LOGIN' ? () : ( Authmechanism => $mechanism ) );
        check( $client->IsAuthenticated, $mechanism );
        check( $client->logout,          "logout after $mechanism" );
    }
    my $secure = client(
        Server => 'localhost',
        Port   => $ENV{TLS_PORT},
        Ssl    => [ SSL_ca_file => $ENV{CERTIFICATE}, SSL_verify_mode => SSL_VERIFY_PEER ],
    );
    check( $secure->noop, 'over TLS' );
    $secure->logout;
    my $refused = Mail::IMAPClient->new(
        Server => $ENV{HOST}, Port => $ENV{PORT}, User => $ENV{ADDRESS}, Password => 'wrong', Timeout => 15 );
    check( !$refused, 'a wrong password was taken' );
    check( $@ =~ /AUTHENTICATIONFAILED/, "refused with: $@" );
}

sub mailboxes {
    my $client = client();
    check( $client->has_capability('UIDPLUS'), 'UIDPLUS' );
    same( $client->separator, '/', 'separator' );
    check( $client->create('Projects'), $client->LastError );
    check( $client->create('Projects/Bees and birds'), $client->LastError );
    check( $client->exists('Projects/Bees and birds'), 'exists' );
    check( $client->rename( 'Projects', 'Plans' ), $client->LastError );
    same( [ sort grep {/^Plans|^Projects/} $client->folders ], [ 'Plans', 'Plans/Bees and birds' ], 'folders' );
    check( $client->is_parent('Plans'),               'is_parent' );
    check( $client->subscribe('Plans'),               $client->LastError );
    check( scalar grep( { $_ eq 'Plans' } $client->subscribed ), 'subscribed' );
    check( $client->unsubscribe('Plans'),             $client->LastError );
    check( !grep( { $_ eq 'Plans' } $client->subscribed ), 'unsubscribed' );
    check( $client->delete('Plans/Bees and birds'),     $client->LastError );
    check( $client->delete('Plans'),                  $client->LastError );
    check( !$client->exists('Plans'),                 'deleted' );
    check( !$client->select('Plans'),                 'select of what is not there' );
    same( $client->message_count('INBOX'), 0, 'message_count' );
    check( $client->uidvalidity('INBOX') > 0, 'uidvalidity' );
    same( $client->uidnext('INBOX'), 1, 'uidnext' );
    $client->logout;
}

sub messages {
    my $client = client();
    $client->select('INBOX') or die $client->LastError;
    my @uids = map { $client->append_string( 'INBOX', mail("m$_") ) or die $client->LastError } 1 .. 6;
    same( \@uids, [ 1 .. 6 ], 'APPENDUID' );
    my $long = mail( 'long', "0123456789\r\n" x 20_000 );
    my $uid  = $client->append_string( 'INBOX', $long, '\\Flagged \\Draft', '11-Feb-2022 10:11:12 +0000' );
    same( $client->message_string($uid), $long, 'long message' );
    same( $client->size($uid), length $long, 'size' );
    same( $client->internaldate($uid), '11-Feb-2022 10:11:12 +0000', 'internaldate' );
    same( [ sort grep { $_ ne '\\Recent' } $client->flags($uid) ], [ '\\Draft', '\\Flagged' ], 'flags' );

    same( [ $client->search('ALL') ],              [ 1 .. 7 ], 'all' );
    same( [ $client->search(qw(SUBJECT m3)) ],     [3],        'subject' );
    same( [ $client->search(qw(NOT DRAFT LARGER 300 SMALLER 10)) ], [], 'nothing' );
    same( [ $client->search( 'HEADER', 'Message-ID', \'<m4@example.org>' ) ], [4], 'header' );
    same( [ $client->unseen ],  [ 1 .. 7 ], 'unseen' );
    same( $client->unseen_count, 7, 'unseen_count' );
    same( $client->subject(3), 'm3', 'subject()' );
    same( $client->get_header( 3, 'Message-Id' ), '<m3@example.org>', 'get_header' );
    same( $client->body_string(3), "Hello.\r\n", 'body_string' );
    my $headers = $client->parse_headers( [ 1 .. 6 ], 'Subject', 'Date' );
    same( [ map { $headers->{$_}{Subject}[0] } 1 .. 6 ], [ map {"m$_"} 1 .. 6 ], 'parse_headers' );
    my $fetched = $client->fetch_hash( 'FLAGS', 'RFC822.SIZE' );
    same( $fetched->{7}{'RFC822.SIZE'}, length $long, 'fetch_hash' );

    check( $client->see( 1, 2 ), $client->LastError );
    check( $client->mark(2), $client->LastError );
    check( $client->store( '3', '+FLAGS', '($Forwarded)' ), $client->LastError );
    same( [ $client->seen ],    [ 1, 2 ], 'seen' );
    same( [ $client->search('FLAGGED') ], [ 2, 7 ], 'flagged' );
    same( [ $client->search(qw(KEYWORD $Forwarded)) ], [3], 'keyword' );
    check( $client->unmark(2), $client->LastError );

    my $copied = $client->copy( 'Archive', 1, 2 );
    same( $copied, '1,2', 'COPYUID' );
    check( $client->move( 'Archive', [3] ), $client->LastError );
    check( $client->expunge, 'expunge after move' );
    check( $client->delete_message( 4, 5 ), 'delete_message' );
    check( $client->uidexpunge( 4 ), $client->LastError );
    same( [ $client->messages ], [ 1, 2, 5, 6, 7 ], 'after UID EXPUNGE' );
    check( $client->restore_message(5), 'restore_message' );
    check( $client->expunge, 'expunge' );
    same( [ $client->messages ], [ 1, 2, 5, 6, 7 ], 'after EXPUNGE' );
    $client->examine('Archive') or die $client->LastError;
    same( [ map { $client->subject($_) } $client->messages ], [qw(m1 m2 m3)], 'archived' );
    $client->logout;
}

sub structure {
    my $client = client();
    my $text = join "\r\n", 'From: Alice <alice@example.org>', 'To: bob@example.net', 'Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=',
      'Date: Mon, 07 Feb 2022 21:52:25 -0800', 'MIME-Version: 1.0', 'Content-Type: multipart/mixed; boundary=outer', '',
      '--outer', 'Content-Type: multipart/alternative; boundary=inner', '',
      '--inner', 'Content-Type: text/plain', '', 'plain', '--inner', 'Content-Type: text/html', '', '<p>html</p>', '--inner--',
      '--outer', 'Content-Type: message/rfc822', '', mail('enclosed'), '--outer--', '';
    $client->select('INBOX');
    my $uid = $client->append_string( 'INBOX', $text ) or die $client->LastError;
    my $structure = $client->get_bodystructure($uid) or die 'BODYSTRUCTURE: ' . $client->LastError;
    same( lc $structure->bodytype . '/' . lc $structure->bodysubtype, 'multipart/mixed', 'type' );
    my @parts = grep { !/HEAD|TEXT/ } $structure->parts;
    same( [ grep {/^(1\.1|1\.2|2)$/} @parts ], [ '1.1', '1.2', '2' ], "parts @parts" );
    same( $client->bodypart_string( $uid, '1.2' ), '<p>html</p>', 'part 1.2' );
    same( $client->bodypart_string( $uid, '2' ), mail('enclosed'), 'part 2' );
    my $envelope = $client->get_envelope($uid) or die 'ENVELOPE: ' . $client->LastError;
    same( $envelope->subject, '=?utf-8?q?Gr=C3=BC=C3=9Fe?=', 'subject' );
    same( $envelope->from_addresses, 'Alice <alice@example.org>', 'from' );
    $client->logout;
}

sub idle {
    my ( $client, $other ) = ( client(), client() );
    $client->select('INBOX');
    my $tag = $client->idle or die $client->LastError;
    $other->append_string( 'INBOX', mail('wake') ) or die $other->LastError;
    my $seen = $client->idle_data(10) or die $client->LastError;
    check( scalar grep( {/^\* 1 EXISTS/} @$seen ), "idle_data: @$seen" );
    check( $client->done($tag), $client->LastError );
    same( [ $client->messages ], [1], 'messages' );
    $_->logout for $client, $other;
}
