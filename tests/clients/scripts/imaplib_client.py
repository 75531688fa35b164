"""A mail program's work by Python's imaplib. The first argument names the part; a failed assertion ends it with a traceback."""

import imaplib
import os
import re
import ssl
import sys
import threading

HOST, ADDRESS, PASSWORD = os.environ["HOST"], os.environ["ADDRESS"], os.environ["PASSWORD"]
PORT, TLS_PORT = int(os.environ["PORT"]), int(os.environ["TLS_PORT"])


def connect(login=True):
    client = imaplib.IMAP4(HOST, PORT, timeout=15)
    if login:
        assert client.login(ADDRESS, PASSWORD)[0] == "OK"
    return client


def ok(answer):
    """The data of an answer that must be OK."""
    assert answer[0] == "OK", answer
    return answer[1]


def mail(subject, body=b"Hello.\r\n"):
    return (
        b"From: Alice <alice@example.org>\r\nTo: bob@example.net\r\nSubject: " + subject.encode()
        + b"\r\nDate: Mon, 07 Feb 2022 21:52:25 -0800\r\nMessage-ID: <" + subject.encode()
        + b"@example.org>\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n" + body
    )


def login():
    client = connect(login=False)
    try:
        client.login(ADDRESS, "wrong")
        raise AssertionError("a wrong password was taken")
    except imaplib.IMAP4.error as error:
        assert "AUTHENTICATIONFAILED" in str(error), error
    ok(client.login(ADDRESS, PASSWORD))
    client.logout()

    client = connect(login=False)
    ok(client.login_cram_md5(ADDRESS, PASSWORD))
    client.logout()

    client = connect(login=False)
    ok(client.authenticate("PLAIN", lambda _: f"\0{ADDRESS}\0{PASSWORD}".encode()))
    client.logout()

    context = ssl.create_default_context(cafile=os.environ["CERTIFICATE"])
    client = imaplib.IMAP4_SSL("localhost", TLS_PORT, ssl_context=context, timeout=15)
    ok(client.login(ADDRESS, PASSWORD))
    assert ok(client.noop())
    assert client.logout()[0] == "BYE"


def mailboxes():
    client = connect()
    ok(client.create('"Work"'))
    ok(client.create('"Work/Q1 \\"plan\\" \\\\ x"'))
    ok(client.create("Work/Caf&AOk-"))
    names = [line.decode() for line in ok(client.list("Work", "*"))]
    assert any('"Work/Q1 \\"plan\\" \\\\ x"' in name for name in names), names
    assert any("Work/Caf&AOk-" in name for name in names), names
    ok(client.rename('"Work"', '"Job"'))
    assert any("Job/Caf&AOk-" in line.decode() for line in ok(client.list('""', "Job/*")))
    assert ok(client.list('""', "Work/*")) == [None]
    ok(client.subscribe("Job"))
    assert any(b"Job" in line for line in ok(client.lsub('""', "Job")))
    ok(client.unsubscribe("Job"))
    assert ok(client.lsub('""', "Job")) == [None]
    status = ok(client.status("INBOX", "(MESSAGES RECENT UIDNEXT UIDVALIDITY UNSEEN)"))[0].decode()
    assert re.fullmatch(r'"?INBOX"? \(MESSAGES 0 RECENT 0 UIDNEXT 1 UIDVALIDITY \d+ UNSEEN 0\)', status), status
    ok(client.delete("Job/Caf&AOk-"))
    assert client.delete("Job/Caf&AOk-")[0] == "NO"
    assert client.select("Nowhere")[0] == "NO"
    assert client.create("INBOX")[0] == "NO"
    assert b"/" in ok(client.namespace())[0]
    client.logout()


def messages():
    client = connect()
    assert ok(client.select()) == [b"0"]
    bodies = [b"", b"x", b"\r\n.\r\n", b"line\r\n" * 5000, bytes(range(128, 256)) + b"\r\n"]
    for number, body in enumerate(bodies):
        date = imaplib.Time2Internaldate(1_600_000_000 + number)
        ok(client.append("INBOX", "(\\Flagged $Label)" if number == 1 else None, date, mail(f"m{number}", body)))
    ok(client.noop())
    assert client.response("EXISTS")[1][-1] == b"5"
    assert ok(client.search(None, "ALL")) == [b"1 2 3 4 5"]
    for number, body in enumerate(bodies):
        data = ok(client.fetch(str(number + 1), "(BODY.PEEK[] RFC822.SIZE)"))
        assert data[0][1] == mail(f"m{number}", body), number
        assert f"RFC822.SIZE {len(mail(f'm{number}', body))}" in (data[0][0] + data[-1]).decode()
        assert imaplib.Internaldate2tuple(ok(client.fetch(str(number + 1), "INTERNALDATE"))[0])
    assert ok(client.search(None, "FLAGGED")) == [b"2"]
    assert ok(client.search(None, "KEYWORD", "$Label")) == [b"2"]
    assert ok(client.uid("SEARCH", "SUBJECT", '"m3"')) == [b"4"]
    assert ok(client.search("UTF-8", "NOT", "SEEN", "SENTSINCE", "7-Feb-2022")) == [b"1 2 3 4 5"]
    header = ok(client.fetch("3", "(BODY.PEEK[HEADER.FIELDS (SUBJECT DATE)])"))[0][1]
    assert header == b"Subject: m2\r\nDate: Mon, 07 Feb 2022 21:52:25 -0800\r\n\r\n", header
    assert ok(client.fetch("4", "(BODY.PEEK[TEXT]<4.10>)"))[0][1] == (b"line\r\n" * 5000)[4:14]
    assert b'("Alice" NIL "alice" "example.org")' in ok(client.fetch("1", "ENVELOPE"))[0]
    ok(client.fetch("1", "(RFC822)"))
    assert b"\\Seen" in ok(client.fetch("1", "FLAGS"))[0]

    assert b"\\Answered" in ok(client.store("2:3", "+FLAGS", "(\\Answered)"))[0]
    assert ok(client.store("2", "-FLAGS.SILENT", "(\\Flagged)")) == [None]
    assert ok(client.search(None, "ANSWERED", "UNFLAGGED")) == [b"2 3"]
    ok(client.copy("1:2", "Archive"))
    ok(client.uid("MOVE", "3", "Archive"))
    assert client.response("EXPUNGE")[1] == [b"3"]
    assert ok(client.search(None, "ALL")) == [b"1 2 3 4"]
    ok(client.store("1", "FLAGS", "(\\Deleted)"))
    assert ok(client.expunge()) == [b"1"]
    assert ok(client.uid("SEARCH", "ALL")) == [b"2 4 5"]
    ok(client.store("1", "+FLAGS", "\\Deleted"))
    ok(client.close())
    assert ok(client.select("Archive", readonly=True)) == [b"3"]
    try:
        client.store("1", "+FLAGS", "$Spoiled")  # NO, or ignored
    except imaplib.IMAP4.error:
        pass
    assert b"$Spoiled" not in ok(client.fetch("1", "FLAGS"))[0]
    ok(client.unselect())
    assert ok(client.select("INBOX")) == [b"2"]
    client.logout()


def sessions():
    """Two sessions on one mailbox see each other's work."""
    one, two = connect(), connect()
    one.select()
    two.select()
    ok(one.append("INBOX", None, None, mail("shared")))
    ok(two.noop())
    assert two.response("EXISTS")[1][-1] == b"1"
    ok(two.store("1", "+FLAGS", "\\Flagged"))
    ok(one.noop())
    assert b"\\Flagged" in one.response("FETCH")[1][-1]
    ok(two.store("1", "+FLAGS.SILENT", "\\Deleted"))
    ok(two.expunge())
    ok(one.noop())
    assert one.response("EXPUNGE")[1] == [b"1"]

    # imaplib has no IDLE here: by hand on its socket.
    one.send(b"i1 IDLE\r\n")
    assert one.readline().startswith(b"+")
    timer = threading.Timer(0.2, lambda: two.append("INBOX", None, None, mail("wake")))
    timer.start()
    line = one.readline()
    while b"EXISTS" not in line:
        line = one.readline()
    assert line == b"* 1 EXISTS\r\n", line
    timer.join()
    one.send(b"DONE\r\n")
    while not line.startswith(b"i1 OK"):
        line = one.readline()
    one.logout()
    two.logout()


def many():
    """Ranges of many messages."""
    client = connect()
    for number in range(30):
        ok(client.append("INBOX", None, None, mail(f"n{number}")))
    client.select()
    for _ in range(3):
        ok(client.copy("1:*", "INBOX"))
        ok(client.noop())
    data = ok(client.uid("FETCH", "1:*", "(UID FLAGS ENVELOPE)"))
    assert len(data) == 240
    ok(client.store("1:240", "+FLAGS.SILENT", "(\\Seen)"))
    assert ok(client.search(None, "UNSEEN")) == [b""]
    ok(client.uid("STORE", "2,4:6,239:*", "+FLAGS.SILENT", "(\\Deleted)"))
    assert len(ok(client.expunge())) == 6
    assert len(ok(client.search(None, "ALL"))[0].split()) == 234
    client.logout()


{"login": login, "mailboxes": mailboxes, "messages": messages, "sessions": sessions, "many": many}[sys.argv[1]]()
