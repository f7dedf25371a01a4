//! One HTTP exchange, with a deadline: with the daemon, and with the services that tell a program where
//! it runs. They are on the same machine or next to it, and all but the API of a cluster speak plain
//! TCP.

use std::io::{self, BufRead, BufReader, ErrorKind, Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::time::Duration;

/// The longest answer, head and body each.
const ANSWER_BYTES_MAX: u64 = 1 << 20;

/// What is asked.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Request<'r> {
    pub(crate) method: &'static str,
    pub(crate) path: &'r str,
    pub(crate) headers: &'r [(&'r str, &'r str)],
    pub(crate) body: &'r str,
}

/// What is answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Vec<u8>,
}

/// Sends a request and reads the answer. `patience` bounds the wait for the connection, for each
/// write and for each read.
pub(crate) fn exchange(
    address: &str,
    request: &Request<'_>,
    patience: Duration,
) -> io::Result<Answer> {
    exchange_over(connect(address, patience)?, address, request)
}

/// Sends a request and reads the answer over a connection that is there already.
pub(crate) fn exchange_over(
    mut stream: impl Read + Write,
    address: &str,
    request: &Request<'_>,
) -> io::Result<Answer> {
    stream.write_all(text(address, request).as_bytes())?;
    stream.flush()?;
    read(&mut BufReader::new(stream))
}

/// Connects to the first of the addresses that answers; `patience` bounds that wait, each write and
/// each read.
pub(crate) fn connect(address: &str, patience: Duration) -> io::Result<TcpStream> {
    let mut failure = io::Error::from(ErrorKind::AddrNotAvailable);
    for address in address.to_socket_addrs()? {
        match TcpStream::connect_timeout(&address, patience) {
            Ok(stream) => {
                stream.set_read_timeout(Some(patience))?;
                stream.set_write_timeout(Some(patience))?;
                return Ok(stream);
            }
            Err(cause) => failure = cause,
        }
    }
    Err(failure)
}

fn text(address: &str, request: &Request<'_>) -> String {
    let Request { method, path, headers, body } = request;
    let headers = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n"));
    let headers: String = headers.collect();
    let length = body.len();
    format!(
        "{method} {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\
         Content-Type: application/json\r\nContent-Length: {length}\r\n{headers}\r\n{body}"
    )
}

/// Reads an answer: its body is as long as the head says, in chunks, or all there is.
fn read(from: &mut impl BufRead) -> io::Result<Answer> {
    let mut head = from.by_ref().take(ANSWER_BYTES_MAX);
    let first = line(&mut head)?;
    let status = first.split(' ').nth(1).and_then(|status| status.parse().ok());
    let status = status.ok_or_else(|| io::Error::from(ErrorKind::InvalidData))?;
    let (mut length, mut is_chunked) = (None, false);
    loop {
        let line = line(&mut head)?;
        let Some((name, value)) = line.split_once(':') else { break };
        if name.eq_ignore_ascii_case("content-length") {
            length = value.trim().parse::<u64>().ok();
        } else if name.eq_ignore_ascii_case("transfer-encoding") {
            is_chunked = value.trim().eq_ignore_ascii_case("chunked");
        }
    }
    let mut body = Vec::new();
    match length {
        _ if is_chunked => read_chunks(from, &mut body)?,
        Some(length) => read_exactly(from, length, &mut body)?,
        None => drop(from.take(ANSWER_BYTES_MAX).read_to_end(&mut body)?),
    }
    Ok(Answer { status, body })
}

fn line(from: &mut impl BufRead) -> io::Result<String> {
    let mut line = String::new();
    if from.read_line(&mut line)? == 0 {
        return Err(io::Error::from(ErrorKind::UnexpectedEof));
    }
    Ok(line.trim_end().to_owned())
}

fn read_exactly(from: &mut impl BufRead, length: u64, body: &mut Vec<u8>) -> io::Result<()> {
    if length > ANSWER_BYTES_MAX - body.len() as u64 {
        return Err(io::Error::from(ErrorKind::InvalidData));
    }
    match from.take(length).read_to_end(body)? as u64 == length {
        true => Ok(()),
        false => Err(io::Error::from(ErrorKind::UnexpectedEof)),
    }
}

fn read_chunks(from: &mut impl BufRead, body: &mut Vec<u8>) -> io::Result<()> {
    loop {
        let size = line(&mut from.by_ref().take(ANSWER_BYTES_MAX))?;
        let size = size.split(';').next().unwrap_or("").trim();
        let size = u64::from_str_radix(size, 16)
            .map_err(|cause| io::Error::new(ErrorKind::InvalidData, cause))?;
        if size == 0 {
            return Ok(());
        }
        read_exactly(from, size, body)?;
        line(from)?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(text: &str) -> io::Result<(u16, String)> {
        let answer = read(&mut text.as_bytes())?;
        Ok((answer.status, String::from_utf8_lossy(&answer.body).into_owned()))
    }

    #[test]
    fn bodies_are_read_in_each_way_of_saying_their_length() {
        for text in [
            "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabcrest",
            "HTTP/1.1 200 OK\r\ntransfer-encoding: Chunked\r\n\r\n2;x=y\r\nab\r\n1\r\nc\r\n0\r\n\r\n",
            "HTTP/1.0 200 OK\r\n\r\nabc",
        ] {
            assert_eq!(answer(text).expect(text), (200, "abc".to_owned()));
        }
    }

    #[test]
    fn what_is_no_answer_is_an_error() {
        for text in [
            "",
            "hello\r\n\r\n",
            "HTTP/1.1 200 OK\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc",
            "HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\nabc",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffff\r\nab",
        ] {
            assert!(answer(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_request_says_what_it_brings() {
        let headers = [("X-A", "b")];
        let request = Request { method: "PUT", path: "/p", headers: &headers, body: "{}" };
        insta::assert_snapshot!(text("h:1", &request).replace('\r', ""), @r"
        PUT /p HTTP/1.1
        Host: h:1
        Connection: close
        Content-Type: application/json
        Content-Length: 2
        X-A: b

        {}
        ");
    }
}
