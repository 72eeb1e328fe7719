//! What waits for one stream: media that is late is worth nothing, and a slow reader must not fill our memory.

use bytes::Bytes;
use eyeline_protocol::Milliseconds;
use std::collections::VecDeque;

/// Bytes that wait at most: a quarter of a second of a good picture. coturn drops above 32 KB, which key frames
/// reach (coturn#1289).
const MOST_BYTES: usize = 256 * 1024;

/// Media that has waited for longer is dropped: the receiver's jitter buffer has given it up.
const FRESH: Milliseconds = Milliseconds(200);

/// Packets in order. Media is dropped, the oldest first; answers never are, since over a stream nobody asks twice.
#[derive(Debug, Default)]
pub(crate) struct Queue {
    packets: VecDeque<Packet>,
    bytes: usize,
    /// Packets dropped so far.
    dropped: u64,
}

#[derive(Debug)]
struct Packet {
    at: Milliseconds,
    bytes: Bytes,
    is_media: bool,
}

/// A packet that had no place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Overflow;

impl Queue {
    /// Fails for an answer if there is no room for it: the client asks and does not read.
    pub(crate) fn push(&mut self, now: Milliseconds, bytes: Bytes) -> Result<(), Overflow> {
        let packet = Packet { at: now, is_media: is_media(&bytes), bytes };
        while self.bytes + packet.bytes.len() > MOST_BYTES {
            match self.packets.iter().position(|waiting| waiting.is_media) {
                Some(oldest) => {
                    let dropped = self.packets.remove(oldest);
                    self.drop_packet(dropped.as_ref());
                }
                None if packet.is_media => {
                    self.dropped += 1;
                    return Ok(());
                }
                None => return Err(Overflow),
            }
        }
        self.bytes += packet.bytes.len();
        self.packets.push_back(packet);
        Ok(())
    }

    /// The next packet that is fresh.
    pub(crate) fn pop(&mut self, now: Milliseconds) -> Option<Bytes> {
        while let Some(packet) = self.packets.pop_front() {
            if packet.is_media && now.since(packet.at) > FRESH {
                self.drop_packet(Some(&packet));
            } else {
                self.bytes = self.bytes.saturating_sub(packet.bytes.len());
                return Some(packet.bytes);
            }
        }
        None
    }

    /// Bytes that wait.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Packets dropped since the last time.
    pub(crate) fn take_dropped(&mut self) -> u64 {
        std::mem::take(&mut self.dropped)
    }

    fn drop_packet(&mut self, packet: Option<&Packet>) {
        self.bytes = self.bytes.saturating_sub(packet.map_or(0, |packet| packet.bytes.len()));
        self.dropped += 1;
    }
}

/// ChannelData (RFC 8656, 12.4), or a Data indication (11.4).
pub(crate) fn is_media(bytes: &[u8]) -> bool {
    match bytes {
        [0x00, 0x17, ..] => true,
        [first, ..] => first >> 6 == 0b01,
        [] => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Milliseconds = Milliseconds(1000);

    fn channel_data(mark: u8, length: usize) -> Bytes {
        let mut bytes = vec![mark; length];
        bytes[0] = 0x40;
        bytes.into()
    }

    fn answer(mark: u8, length: usize) -> Bytes {
        let mut bytes = vec![mark; length];
        bytes[..2].copy_from_slice(&[0x01, 0x08]);
        bytes.into()
    }

    /// The marks of the packets that leave, each of 1000 bytes.
    fn taken(queue: &mut Queue, now: Milliseconds) -> Vec<u8> {
        std::iter::from_fn(|| queue.pop(now)).map(|packet| packet[999]).collect()
    }

    #[test]
    fn packets_leave_in_order() {
        let mut queue = Queue::default();
        for mark in 1..=5 {
            queue.push(NOW, channel_data(mark, 1000)).unwrap();
        }
        assert_eq!(queue.pop(NOW), Some(channel_data(1, 1000)));
        assert_eq!(taken(&mut queue, NOW), [2, 3, 4, 5]);
        assert_eq!((queue.take_dropped(), queue.bytes), (0, 0));
    }

    #[test]
    fn late_media_is_dropped_and_answers_are_not() {
        let mut queue = Queue::default();
        queue.push(NOW, channel_data(1, 1000)).unwrap();
        queue.push(NOW, answer(2, 1000)).unwrap();
        let mut data_indication = vec![3; 1000];
        data_indication[..2].copy_from_slice(&[0x00, 0x17]);
        queue.push(NOW, data_indication.into()).unwrap();
        queue.push(NOW + FRESH, channel_data(4, 1000)).unwrap();
        assert_eq!(taken(&mut queue, NOW + FRESH + Milliseconds(1)), [2, 4]);
        assert_eq!(queue.take_dropped(), 2);
    }

    #[test]
    fn the_oldest_media_makes_room() {
        let mut queue = Queue::default();
        let fit = u8::try_from(MOST_BYTES / 1000 - 10).unwrap();
        queue.push(NOW, answer(0, 1000)).unwrap();
        for mark in 1..=fit {
            queue.push(NOW, channel_data(mark, 1000)).unwrap();
        }
        for _ in 0..20 {
            queue.push(NOW, channel_data(255, 1000)).unwrap();
        }
        let left = taken(&mut queue, NOW);
        assert_eq!(left.len(), MOST_BYTES / 1000);
        assert_eq!(left[..2], [0, 12], "the answer stays, the oldest media goes");
        assert_eq!(queue.take_dropped(), 11);
        assert_eq!(queue.bytes, 0);
    }

    #[test]
    fn who_asks_without_reading_is_told_apart_from_who_reads_slowly() {
        let mut queue = Queue::default();
        for _ in 0..MOST_BYTES / 1000 {
            queue.push(NOW, answer(1, 1000)).unwrap();
        }
        assert_eq!(queue.push(NOW, channel_data(2, 1000)), Ok(()));
        assert_eq!(queue.take_dropped(), 1);
        assert_eq!(queue.push(NOW, answer(3, 1000)), Err(Overflow));
    }
}
