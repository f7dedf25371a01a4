//! One system call's worth of datagrams: many on Linux, one elsewhere.

use std::net::UdpSocket;

use bytes::{Bytes, BytesMut};
use nix::errno::Errno;
use wire::datagram::{self, Problem};

use super::BURST_DATAGRAMS_MAX;
use crate::config::Otlp;

/// No datagram is longer.
const DATAGRAM_BYTES_MAX: usize = 64 * 1024;

/// What to do when nothing is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wait {
    /// Wait for one datagram as long as the socket's timeout allows.
    ForOne,
    /// Return at once.
    Not,
}

/// What a burst brought.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Burst {
    /// Datagrams, good and bad.
    pub(super) datagram_count: usize,
    /// Their bytes.
    pub(super) bytes: usize,
    /// What was wrong with the bad ones.
    pub(super) problems: Vec<Problem>,
    /// The documents of the good ones, in one allocation.
    pub(super) documents: Vec<Bytes>,
    /// Datagrams that the kernel dropped since the socket was made, if it ever did.
    pub(super) kernel_drops: Option<u64>,
}

/// How a datagram is read.
type Parse = for<'a> fn(&'a [u8]) -> Result<&'a str, Problem>;

/// Room for a burst. Pages are touched only as far as datagrams reach.
pub(super) struct Buffers(Vec<u8>, Parse);

impl Buffers {
    /// Returns buffers whose datagrams may bring OTLP or may not.
    pub(super) fn new(otlp: Otlp) -> Self {
        let parse = match otlp {
            Otlp::Refused => datagram::parse,
            Otlp::Passed => datagram::parse_with_otlp,
        };
        Self(vec![0; BURST_DATAGRAMS_MAX * DATAGRAM_BYTES_MAX], parse)
    }

    /// Receives what there is, at least one datagram; `EAGAIN` when there is none.
    pub(super) fn receive(&mut self, socket: &UdpSocket, wait: Wait) -> Result<Burst, Errno> {
        #[cfg(target_os = "linux")]
        return many::receive(&mut self.0, socket, wait, self.1);
        #[cfg(not(target_os = "linux"))]
        return one::receive(&mut self.0, socket, wait, self.1);
    }

    /// Receives one datagram, in the way that every system knows.
    #[cfg(test)]
    pub(super) fn receive_one(&mut self, socket: &UdpSocket, wait: Wait) -> Result<Burst, Errno> {
        one::receive(&mut self.0, socket, wait, self.1)
    }
}

impl Burst {
    /// Reads the datagrams, and copies their documents into one allocation that they share.
    fn of<'a>(datagrams: impl Iterator<Item = &'a [u8]>, parse: Parse) -> Self {
        let mut burst = Self::default();
        let mut documents = Vec::with_capacity(BURST_DATAGRAMS_MAX);
        for datagram in datagrams {
            burst.datagram_count += 1;
            burst.bytes += datagram.len();
            match parse(datagram) {
                Ok(document) => documents.push(document),
                Err(problem) => burst.problems.push(problem),
            }
        }
        burst.documents = copied(&documents);
        burst
    }
}

/// Copies documents into one allocation that they share.
pub(crate) fn copied(documents: &[&str]) -> Vec<Bytes> {
    let total_bytes = documents.iter().map(|document| document.len()).sum();
    let mut all = BytesMut::with_capacity(total_bytes);
    documents.iter().for_each(|document| all.extend_from_slice(document.as_bytes()));
    let mut all = all.freeze();
    documents.iter().map(|document| all.split_to(document.len())).collect()
}

#[cfg(target_os = "linux")]
mod many {
    use std::io::IoSliceMut;
    use std::net::UdpSocket;
    use std::os::fd::AsRawFd;

    use nix::errno::Errno;
    use nix::sys::socket::{ControlMessageOwned, MsgFlags, MultiHeaders, RecvMsg, recvmmsg};

    use super::{BURST_DATAGRAMS_MAX, Burst, DATAGRAM_BYTES_MAX, Parse, Wait};

    pub(super) fn receive(
        buffers: &mut [u8],
        socket: &UdpSocket,
        wait: Wait,
        parse: Parse,
    ) -> Result<Burst, Errno> {
        let flags = match wait {
            Wait::ForOne => MsgFlags::MSG_WAITFORONE,
            Wait::Not => MsgFlags::MSG_DONTWAIT,
        };
        let mut slices: Vec<[IoSliceMut<'_>; 1]> = buffers
            .chunks_exact_mut(DATAGRAM_BYTES_MAX)
            .map(|buffer| [IoSliceMut::new(buffer)])
            .collect();
        // Made anew each time: the kernel writes into them how much it used, and would take that
        // for the room there is.
        let control = nix::cmsg_space!(u32);
        let mut headers = MultiHeaders::<()>::preallocate(BURST_DATAGRAMS_MAX, Some(control));
        let received = recvmmsg(socket.as_raw_fd(), &mut headers, slices.iter_mut(), flags, None)?;
        let mut drops = None;
        let datagrams = received.map(|message| {
            drops = kernel_drops(&message).or(drops);
            // A datagram of no bytes has no slice.
            message.iovs().next().unwrap_or_default()
        });
        let mut burst = Burst::of(datagrams, parse);
        burst.kernel_drops = drops;
        Ok(burst)
    }

    /// Returns the socket's count of drops, which comes along once it is not zero.
    fn kernel_drops(message: &RecvMsg<'_, '_, ()>) -> Option<u64> {
        // There is room for the one control message that is asked for; were there not, the next
        // datagram would tell.
        message.cmsgs().ok()?.find_map(|control| match control {
            ControlMessageOwned::RxqOvfl(drops) => Some(u64::from(drops)),
            _ => None,
        })
    }
}

#[cfg(any(test, not(target_os = "linux")))]
mod one {
    use std::net::UdpSocket;
    use std::os::fd::AsRawFd;

    use nix::errno::Errno;
    use nix::sys::socket::{MsgFlags, recv};

    use super::{Burst, Parse, Wait};

    pub(super) fn receive(
        buffers: &mut [u8],
        socket: &UdpSocket,
        wait: Wait,
        parse: Parse,
    ) -> Result<Burst, Errno> {
        let flags = match wait {
            Wait::ForOne => MsgFlags::empty(),
            Wait::Not => MsgFlags::MSG_DONTWAIT,
        };
        let bytes = recv(socket.as_raw_fd(), buffers, flags)?;
        Ok(Burst::of([&buffers[..bytes]].into_iter(), parse))
    }
}
