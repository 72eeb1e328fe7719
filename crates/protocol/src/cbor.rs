//! The part of CBOR (RFC 8949) that peers' messages are made of: whole numbers, texts, bytes, lists, maps, yes and no.
//!
//! By hand: the code that `minicbor` and its derive macro make for the same was a tenth of the page. The tests read and
//! write with `minicbor`, as the other opinion.
//!
//! Written is the shortest form. Read is any, except for lengths that only an end tells (3.2): nothing of ours has them,
//! and without them nothing nests that would have to be kept track of.

/// The kinds of items (3.1).
const NUMBER: u8 = 0;
const NEGATIVE: u8 = 1;
const BYTES: u8 = 2;
const TEXT: u8 = 3;
const LIST: u8 = 4;
const MAP: u8 = 5;
const TAG: u8 = 6;
const SIMPLE: u8 = 7;

const NO: u8 = 0xf4;
const YES: u8 = 0xf5;
const NULL: u8 = 0xf6;

/// Not CBOR, or not what was expected.
pub(crate) struct Malformed;

/// What is left to read.
pub(crate) struct Reader<'a>(pub(crate) &'a [u8]);

impl<'a> Reader<'a> {
    /// Whether everything was read.
    pub(crate) fn is_at_end(&self) -> bool {
        self.0.is_empty()
    }

    /// A number that is no more than `most`.
    #[inline(never)]
    pub(crate) fn number(&mut self, most: u32) -> Result<u32, Malformed> {
        let number = u32::try_from(self.of_kind(NUMBER)?).map_err(|_| Malformed)?;
        if number <= most { Ok(number) } else { Err(Malformed) }
    }

    /// The key of a field: a whole number. Ours are small; `u32::MAX` stands for those that none of ours can be.
    #[inline(never)]
    pub(crate) fn key(&mut self) -> Result<u32, Malformed> {
        match self.head()? {
            (NUMBER, key) => Ok(u32::try_from(key).unwrap_or(u32::MAX)),
            (NEGATIVE, _) => Ok(u32::MAX),
            _ => Err(Malformed),
        }
    }

    /// Yes or no.
    pub(crate) fn truth(&mut self) -> Result<bool, Malformed> {
        match self.take(1)? {
            [NO] => Ok(false),
            [YES] => Ok(true),
            _ => Err(Malformed),
        }
    }

    /// Bytes.
    #[inline(never)]
    pub(crate) fn bytes(&mut self) -> Result<&'a [u8], Malformed> {
        let length = self.of_kind(BYTES)?;
        self.take(length)
    }

    /// Just so many bytes.
    pub(crate) fn array<const N: usize>(&mut self) -> Result<[u8; N], Malformed> {
        self.bytes()?.try_into().map_err(|_| Malformed)
    }

    /// A text.
    #[inline(never)]
    pub(crate) fn text(&mut self) -> Result<String, Malformed> {
        let length = self.of_kind(TEXT)?;
        let text = core::str::from_utf8(self.take(length)?).map_err(|_| Malformed)?;
        Ok(text.to_owned())
    }

    /// A text, or nothing.
    pub(crate) fn text_or_null(&mut self) -> Result<Option<String>, Malformed> {
        match self.0.split_first() {
            Some((&NULL, rest)) => {
                self.0 = rest;
                Ok(None)
            }
            _ => self.text().map(Some),
        }
    }

    /// How many items follow, one after the other. Only a claim: nothing is to be allocated for it.
    pub(crate) fn list(&mut self) -> Result<u64, Malformed> {
        self.of_kind(LIST)
    }

    /// How many fields follow, each a key and an item. Only a claim, too.
    pub(crate) fn map(&mut self) -> Result<u64, Malformed> {
        self.of_kind(MAP)
    }

    /// Passes over an item and all that is in it.
    #[inline(never)]
    pub(crate) fn skip(&mut self) -> Result<(), Malformed> {
        let mut items: u64 = 1;
        while let Some(rest) = items.checked_sub(1) {
            let (kind, length) = self.head()?;
            let inside = match kind {
                BYTES | TEXT => {
                    self.take(length)?;
                    0
                }
                LIST => length,
                MAP => length.checked_mul(2).ok_or(Malformed)?,
                TAG => 1,
                _ => 0,
            };
            items = rest.checked_add(inside).ok_or(Malformed)?;
        }
        Ok(())
    }

    fn of_kind(&mut self, wanted: u8) -> Result<u64, Malformed> {
        let (kind, number) = self.head()?;
        if kind == wanted { Ok(number) } else { Err(Malformed) }
    }

    /// What an item begins with: its kind, and a number.
    #[inline(never)]
    fn head(&mut self) -> Result<(u8, u64), Malformed> {
        let first = self.take(1)?.iter().fold(0, |_, byte| *byte);
        let (kind, low) = (first >> 5, first & 0x1f);
        let number = match low {
            0..24 => u64::from(low),
            24..28 => {
                let bytes = self.take(1 << (low - 24))?;
                bytes.iter().fold(0, |number, byte| number << 8 | u64::from(*byte))
            }
            _ => return Err(Malformed),
        };
        // What needs no second byte must not have one (3.3).
        if kind == SIMPLE && low == 24 && number < 32 { Err(Malformed) } else { Ok((kind, number)) }
    }

    fn take(&mut self, length: u64) -> Result<&'a [u8], Malformed> {
        let length = usize::try_from(length).map_err(|_| Malformed)?;
        let (taken, rest) = self.0.split_at_checked(length).ok_or(Malformed)?;
        self.0 = rest;
        Ok(taken)
    }
}

/// What was written so far.
#[derive(Default)]
pub(crate) struct Writer(pub(crate) Vec<u8>);

impl Writer {
    pub(crate) fn number(&mut self, number: u32) -> &mut Self {
        self.head(NUMBER, number)
    }

    pub(crate) fn truth(&mut self, truth: bool) -> &mut Self {
        self.0.push(if truth { YES } else { NO });
        self
    }

    pub(crate) fn bytes(&mut self, bytes: &[u8]) -> &mut Self {
        self.sized(BYTES, bytes)
    }

    pub(crate) fn text(&mut self, text: &str) -> &mut Self {
        self.sized(TEXT, text.as_bytes())
    }

    /// So many items are to follow.
    pub(crate) fn list(&mut self, items: usize) -> &mut Self {
        self.head(LIST, length(items))
    }

    /// So many fields are to follow, each a key and an item.
    pub(crate) fn map(&mut self, fields: u32) -> &mut Self {
        self.head(MAP, fields)
    }

    #[inline(never)]
    fn sized(&mut self, kind: u8, bytes: &[u8]) -> &mut Self {
        self.head(kind, length(bytes.len())).0.extend_from_slice(bytes);
        self
    }

    #[inline(never)]
    fn head(&mut self, kind: u8, number: u32) -> &mut Self {
        let bytes = number.to_be_bytes();
        // Of the number's four bytes, those that are wanted: none, one, two or all.
        let (low, skipped) = match number {
            0..24 => (bytes[3], 4),
            24..0x100 => (24, 3),
            0x100..0x1_0000 => (25, 2),
            _ => (26, 0),
        };
        self.0.push(kind << 5 | low);
        self.0.extend(bytes.iter().skip(skipped));
        self
    }
}

/// Nothing of ours is longer than some kilobytes.
fn length(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}
