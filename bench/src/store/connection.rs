//! A keep-alive HTTP/1.1 client: what a call takes is the server's time, not a connection's.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// How long an answer may take before the run has failed.
const PATIENCE: Duration = Duration::from_secs(120);

/// One connection that calls are made on, one after the other.
pub(super) struct Connection {
    stream: TcpStream,
    /// The last answer.
    buffer: Vec<u8>,
}

/// What came back.
pub(super) struct Answer<'c> {
    /// The status code.
    pub(super) status: u16,
    /// The body.
    pub(super) body: &'c [u8],
}

impl Answer<'_> {
    /// Returns the body as JSON, if the call went well.
    ///
    /// # Errors
    /// When it did not, with what the server said.
    pub(super) fn json(&self) -> io::Result<serde_json::Value> {
        if self.status != 200 {
            let said = String::from_utf8_lossy(&self.body[..self.body.len().min(300)]);
            return Err(io::Error::other(format!("answer {}: {said}", self.status)));
        }
        serde_json::from_slice(self.body).map_err(io::Error::other)
    }
}

/// Returns the bytes of a `POST` with a JSON body.
pub(super) fn request(path: &str, body: &[u8]) -> Vec<u8> {
    let head = format!(
        "POST {path} HTTP/1.1\r\nhost: bench\r\ncontent-type: application/json\r\n\
         content-length: {}\r\n\r\n",
        body.len()
    );
    [head.as_bytes(), body].concat()
}

impl Connection {
    /// Connects.
    ///
    /// # Errors
    /// When nobody listens.
    pub(super) fn open(address: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        Ok(Self { stream, buffer: Vec::new() })
    }

    /// Sends a request and reads its answer.
    ///
    /// # Errors
    /// When the connection breaks or the answer is not HTTP of a known length.
    pub(super) fn call(&mut self, request: &[u8]) -> io::Result<Answer<'_>> {
        self.stream.write_all(request)?;
        self.buffer.clear();
        let mut chunk = [0; 32 * 1024];
        let head = loop {
            if let Some(head) = Head::read(&self.buffer)? {
                break head;
            }
            self.receive(&mut chunk)?;
        };
        while self.buffer.len() < head.end + head.body_bytes {
            self.receive(&mut chunk)?;
        }
        let body = &self.buffer[head.end..head.end + head.body_bytes];
        Ok(Answer { status: head.status, body })
    }

    fn receive(&mut self, chunk: &mut [u8]) -> io::Result<()> {
        let read = self.stream.read(chunk)?;
        if read == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.buffer.extend_from_slice(&chunk[..read]);
        Ok(())
    }
}

/// What the lines before the body say.
struct Head {
    status: u16,
    end: usize,
    body_bytes: usize,
}

impl Head {
    /// Reads the head once it is complete.
    fn read(bytes: &[u8]) -> io::Result<Option<Self>> {
        let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") else {
            return Ok(None);
        };
        let text = String::from_utf8_lossy(&bytes[..end]).to_ascii_lowercase();
        let status = text.split(' ').nth(1).and_then(|word| word.parse().ok());
        let length = text.lines().find_map(|line| line.strip_prefix("content-length:"));
        let length = length.and_then(|rest| rest.trim().parse().ok());
        match (status, length) {
            (Some(status), Some(body_bytes)) => Ok(Some(Self { status, end: end + 4, body_bytes })),
            _ => Err(io::Error::other(format!("not an answer of known length: {text}"))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_is_read_once_it_is_complete() {
        let text = b"HTTP/1.1 429 Too Many\r\nContent-Length: 12\r\n\r\nbody";
        let head = Head::read(text).expect("valid").expect("complete");
        assert_eq!((head.status, head.end, head.body_bytes), (429, text.len() - 4, 12));
        assert!(Head::read(&text[..40]).expect("valid").is_none());
        assert!(Head::read(b"HTTP/1.1 200 OK\r\n\r\n").is_err());
    }
}
