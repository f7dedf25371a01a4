//! The roots that browsers trust, as the file in which programs look for them.
//!
//! The program has them built in. The file is there so that who adds roots of their own, by
//! `AWS_CA_BUNDLE`, adds to these. The file of the machine that builds is not taken: it may have
//! roots that only that machine should trust.

const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const LINE_LETTERS: usize = 64;

/// Returns all roots in PEM.
pub(super) fn pem() -> String {
    let mut text = String::new();
    for root in webpki_root_certs::TLS_SERVER_ROOT_CERTS {
        text.push_str("-----BEGIN CERTIFICATE-----\n");
        for line in base64(root).as_bytes().chunks(LINE_LETTERS) {
            text.extend(line.iter().map(|letter| char::from(*letter)));
            text.push('\n');
        }
        text.push_str("-----END CERTIFICATE-----\n");
    }
    text
}

fn base64(bytes: &[u8]) -> String {
    let mut text = String::new();
    for group in bytes.chunks(3) {
        let byte = |index: usize| u32::from(group.get(index).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for index in 0..4 {
            let letter = LETTERS[(bits >> (18 - 6 * index)) as usize & 63];
            text.push(if index > group.len() { '=' } else { char::from(letter) });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_that_of_its_specification() {
        // RFC 4648, section 10.
        for (bytes, text) in
            [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")]
        {
            assert_eq!(base64(bytes.as_bytes()), text);
        }
    }

    #[test]
    fn every_root_is_a_certificate() {
        let pem = pem();
        assert!(pem.lines().all(|line| line.len() <= LINE_LETTERS));
        // The first two bytes of DER that is longer than 255 bytes.
        let begins = pem.lines().filter(|line| line.starts_with("MII")).count();
        assert!(begins > 100, "{begins}");
    }
}
