//! The part of CBOR (RFC 8949) that peers' messages are made of: whole numbers, texts, bytes, lists, maps, yes and no.
//!
//! `minicbor` reads and writes each item; what a message is made of stands in `inner`, without its derive macro: the code
//! that it makes, an own copy of everything for each kind of message, was a tenth of the page.
//!
//! Written is the shortest form. Read is any, except for lengths that only an end tells (3.2): nothing of ours has them.

use minicbor::data::Type;
use minicbor::decode::{Decoder, Error};
use minicbor::encode::{Encoder, Write};

/// Not CBOR, or not what was expected.
pub(crate) struct Malformed;

impl From<Error> for Malformed {
    fn from(_: Error) -> Self {
        Self
    }
}

/// What is left to read.
pub(crate) struct Reader<'a>(Decoder<'a>);

impl<'a> Reader<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self(Decoder::new(bytes))
    }

    /// Whether everything was read.
    pub(crate) fn is_at_end(&self) -> bool {
        self.0.position() >= self.0.input().len()
    }

    /// A number that is no more than `most`.
    #[inline(never)]
    pub(crate) fn number(&mut self, most: u32) -> Result<u32, Malformed> {
        let number = self.0.u32()?;
        if number <= most { Ok(number) } else { Err(Malformed) }
    }

    /// The key of a field: a whole number. Ours are small; `u32::MAX` stands for those that none of ours can be.
    #[inline(never)]
    pub(crate) fn key(&mut self) -> Result<u32, Malformed> {
        let key = self.0.int()?;
        Ok(u32::try_from(key).unwrap_or(u32::MAX))
    }

    /// Yes or no.
    #[inline(never)]
    pub(crate) fn truth(&mut self) -> Result<bool, Malformed> {
        Ok(self.0.bool()?)
    }

    /// Bytes.
    #[inline(never)]
    pub(crate) fn bytes(&mut self) -> Result<&'a [u8], Malformed> {
        Ok(self.0.bytes()?)
    }

    /// Just so many bytes.
    pub(crate) fn array<const N: usize>(&mut self) -> Result<[u8; N], Malformed> {
        self.bytes()?.try_into().map_err(|_| Malformed)
    }

    /// A text.
    #[inline(never)]
    pub(crate) fn text(&mut self) -> Result<String, Malformed> {
        Ok(self.0.str()?.to_owned())
    }

    /// A text, or nothing.
    pub(crate) fn text_or_null(&mut self) -> Result<Option<String>, Malformed> {
        if self.0.datatype()? == Type::Null {
            self.0.null()?;
            return Ok(None);
        }
        self.text().map(Some)
    }

    /// How many items follow, one after the other. Only a claim: nothing is to be allocated for it.
    #[inline(never)]
    pub(crate) fn list(&mut self) -> Result<u64, Malformed> {
        self.0.array()?.ok_or(Malformed)
    }

    /// How many fields follow, each a key and an item. Only a claim, too.
    #[inline(never)]
    pub(crate) fn map(&mut self) -> Result<u64, Malformed> {
        self.0.map()?.ok_or(Malformed)
    }

    /// Passes over an item and all that is in it.
    #[inline(never)]
    pub(crate) fn skip(&mut self) -> Result<(), Malformed> {
        Ok(self.0.skip()?)
    }
}

/// What was written so far.
#[derive(Default)]
pub(crate) struct Writer(Growing);

/// A vector that grows cannot fail.
#[derive(Default)]
struct Growing(Vec<u8>);

impl Write for &mut Growing {
    type Error = core::convert::Infallible;

    fn write_all(&mut self, bytes: &[u8]) -> Result<(), Self::Error> {
        self.0.extend_from_slice(bytes);
        Ok(())
    }
}

impl Writer {
    pub(crate) fn into_bytes(self) -> Vec<u8> {
        self.0.0
    }

    fn encoder(&mut self) -> Encoder<&mut Growing> {
        Encoder::new(&mut self.0)
    }

    #[inline(never)]
    pub(crate) fn number(&mut self, number: u32) -> &mut Self {
        let Ok(_) = self.encoder().u32(number) else { return self };
        self
    }

    pub(crate) fn truth(&mut self, truth: bool) -> &mut Self {
        let Ok(_) = self.encoder().bool(truth) else { return self };
        self
    }

    #[inline(never)]
    pub(crate) fn bytes(&mut self, bytes: &[u8]) -> &mut Self {
        let Ok(_) = self.encoder().bytes(bytes) else { return self };
        self
    }

    #[inline(never)]
    pub(crate) fn text(&mut self, text: &str) -> &mut Self {
        let Ok(_) = self.encoder().str(text) else { return self };
        self
    }

    /// So many items are to follow.
    #[inline(never)]
    pub(crate) fn list(&mut self, items: usize) -> &mut Self {
        let Ok(_) = self.encoder().array(items as u64) else { return self };
        self
    }

    /// So many fields are to follow, each a key and an item.
    #[inline(never)]
    pub(crate) fn map(&mut self, fields: u32) -> &mut Self {
        let Ok(_) = self.encoder().map(fields.into()) else { return self };
        self
    }
}
