//! Numbers of variable length: LEB128, and zigzag in front of it where a number has a sign.

use super::Error;

/// Appends a number.
pub(crate) fn push(bytes: &mut Vec<u8>, mut number: u64) {
    while number > 0x7f {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}

/// Appends a number with a sign.
pub(crate) fn push_signed(bytes: &mut Vec<u8>, number: i64) {
    push(bytes, (number << 1 ^ number >> 63).cast_unsigned());
}

/// Appends a number with a sign that may be twice as wide.
pub(crate) fn push_wide(bytes: &mut Vec<u8>, number: i128) {
    let mut rest = (number << 1 ^ number >> 127).cast_unsigned();
    while rest > 0x7f {
        bytes.push(rest as u8 | 0x80);
        rest >>= 7;
    }
    bytes.push(rest as u8);
}

/// What is left to read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reader<'a> {
    pub(crate) rest: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(crate) fn byte(&mut self) -> Result<u8, Error> {
        let (first, rest) = self.rest.split_first().ok_or(Error::Short)?;
        self.rest = rest;
        Ok(*first)
    }

    pub(crate) fn bytes(&mut self, len: usize) -> Result<&'a [u8], Error> {
        let (bytes, rest) = self.rest.split_at_checked(len).ok_or(Error::Short)?;
        self.rest = rest;
        Ok(bytes)
    }

    /// Reads a number in its shortest form.
    #[inline]
    pub(crate) fn number(&mut self) -> Result<u64, Error> {
        // Nearly all numbers are one byte long.
        match self.rest.split_first() {
            Some((first, rest)) if *first < 0x80 => {
                self.rest = rest;
                Ok(u64::from(*first))
            }
            _ => self.long_number(),
        }
    }

    fn long_number(&mut self) -> Result<u64, Error> {
        u64::try_from(self.wide(u64::BITS)?).map_err(|_| Error::Number)
    }

    /// Reads a number with a sign.
    #[inline]
    pub(crate) fn signed(&mut self) -> Result<i64, Error> {
        let number = self.number()?;
        Ok((number >> 1).cast_signed() ^ -(number & 1).cast_signed())
    }

    /// Reads a number with a sign that may be twice as wide.
    pub(crate) fn signed_wide(&mut self) -> Result<i128, Error> {
        let number = self.wide(u128::BITS)?;
        Ok((number >> 1).cast_signed() ^ -(number & 1).cast_signed())
    }

    fn wide(&mut self, bits: u32) -> Result<u128, Error> {
        let mut number = 0;
        for shift in (0..bits).step_by(7) {
            let byte = self.byte()?;
            let low = u128::from(byte & 0x7f);
            number |= low << shift;
            if number >> shift != low {
                return Err(Error::Number);
            }
            if byte < 0x80 {
                let is_shortest = byte != 0 || shift == 0;
                return if is_shortest { Ok(number) } else { Err(Error::Number) };
            }
        }
        Err(Error::Number)
    }

    /// Reads how many things follow, each of which takes at least `each_len_min` bytes: so no room
    /// is made for more than there can be.
    pub(crate) fn count(&mut self, each_len_min: usize) -> Result<usize, Error> {
        let count = usize::try_from(self.number()?).map_err(|_| Error::Number)?;
        if count > self.rest.len() / each_len_min {
            return Err(Error::Short);
        }
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn numbers_are_read_in_their_shortest_form_only() {
        let read = |bytes: &[u8]| Reader { rest: bytes }.number();
        assert_eq!(read(&[]), Err(Error::Short));
        assert_eq!(read(&[0x80]), Err(Error::Short));
        assert_eq!(read(&[0x80, 0]), Err(Error::Number));
        assert_eq!(read(&[0xff, 0x01]), Ok(255));
        let largest = [[0xff; 9].as_slice(), &[1]].concat();
        assert_eq!(read(&largest), Ok(u64::MAX));
        assert_eq!(read(&[[0xff; 9].as_slice(), &[2]].concat()), Err(Error::Number));
        assert_eq!(Reader { rest: &[0xff; 30] }.signed_wide(), Err(Error::Number));
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(number: u64, signed: i64, wide: i128, shift in 0..128_u32) {
            let (number, signed, wide) =
                (number >> (shift / 2), signed >> (shift / 2), wide >> shift);
            let mut bytes = Vec::new();
            push(&mut bytes, number);
            push_signed(&mut bytes, signed);
            push_wide(&mut bytes, wide);
            let mut reader = Reader { rest: &bytes };
            prop_assert_eq!(reader.number(), Ok(number));
            prop_assert_eq!(reader.signed(), Ok(signed));
            prop_assert_eq!(reader.signed_wide(), Ok(wide));
            prop_assert!(reader.rest.is_empty());
        }
    }
}
