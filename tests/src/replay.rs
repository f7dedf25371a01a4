//! A server that gives recorded answers, one after the other, whatever is asked.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::thread;
use std::vec;

/// One answer.
#[derive(Clone, Debug)]
pub struct Recorded {
    /// The status code.
    pub status: u16,
    /// Header lines beside those that HTTP needs.
    pub headers: Vec<(&'static str, String)>,
    /// The body, JSON.
    pub body: String,
}

/// The server; its thread ends with its last answer, or with the process.
#[derive(Debug)]
pub struct Replay {
    /// Where it listens.
    pub address: SocketAddr,
}

impl Replay {
    /// Starts a server on a free port that gives each answer once, in this order.
    ///
    /// # Errors
    /// When there is no port.
    pub fn start(answers: Vec<Recorded>) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let address = listener.local_addr()?;
        thread::spawn(move || {
            let mut answers = answers.into_iter();
            for stream in listener.incoming() {
                // A client that goes away says so itself.
                stream.and_then(|stream| converse(&stream, &mut answers)).ok();
                if answers.as_slice().is_empty() {
                    return;
                }
            }
        });
        Ok(Self { address })
    }
}

/// Answers one request and closes the connection.
fn converse(mut stream: &TcpStream, answers: &mut vec::IntoIter<Recorded>) -> io::Result<()> {
    if !read_request(&mut BufReader::new(stream))? {
        return Ok(());
    }
    let Some(answer) = answers.next() else { return Ok(()) };
    let mut head = format!("HTTP/1.1 {} Recorded\r\nconnection: close\r\n", answer.status);
    for (name, value) in &answer.headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    let length = answer.body.len();
    head.push_str(&format!("content-type: application/json\r\ncontent-length: {length}\r\n\r\n"));
    stream.write_all((head + &answer.body).as_bytes())
}

/// Reads one request to its end; false when there is none.
fn read_request(reader: &mut impl BufRead) -> io::Result<bool> {
    let mut length = 0;
    for line in reader.by_ref().lines() {
        let line = line?.to_ascii_lowercase();
        if let Some(value) = line.strip_prefix("content-length:") {
            length = value.trim().parse().map_err(io::Error::other)?;
        }
        if line.is_empty() {
            io::copy(&mut reader.take(length), &mut io::sink())?;
            return Ok(true);
        }
    }
    Ok(false)
}
