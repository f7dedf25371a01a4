//! The front that SDKs talk to: datagrams in over UDP, sampling calls over TCP.
